import { decideApplication, decideTask, decideWaiting } from "./applications/decide-application.ts";
import { forgetOldLogIns } from "./identity/forget-old.ts";
import { finishDueResets } from "./identity/reset-factors.ts";
import { runNightly } from "./nightly.ts";
import type { Parts } from "./parts.ts";
import { type DeliverParts, deliverMessage } from "./platform/deliver-message.ts";
import { addJob } from "./platform/jobs.ts";
import { mailCarrier } from "./platform/mail.ts";
import { deliverTask, forgetOldCodes } from "./platform/messages.ts";
import { smsCarrier } from "./platform/sms.ts";
import type { Task, WorkerOptions } from "./platform/worker.ts";
import { runTask, writeRun } from "./reports/runs.ts";
import { unansweredTask } from "./support/begin-chat.ts";
import { endLeftChats, giveUpChat } from "./support/give-up-chats.ts";

/**
 * What the portal does beside answering: the jobs that verbs leave behind, and what is due by the clock (UTC's). On
 * several nodes each job, and each due time, is taken by one of them.
 */
export function backgroundWork(parts: Parts): Pick<WorkerOptions, "tasks" | "crontab"> {
  const { config } = parts;
  const deliver = { ...parts, carriers: carriers(parts), demo: config.demo };
  const decide = { ...parts, program: config.program, publicUrl: config.publicUrl };
  const support = { ...parts, program: config.program, publicUrl: config.publicUrl };
  return {
    tasks: waitingOutMaintenance(parts, {
      [unansweredTask]: (id) => giveUpChat(support, id),
      "chats-left": async () => void (await endLeftChats(support)),
      [deliverTask]: (id, signal) => deliverMessage(deliver, id, signal),
      [decideTask]: (id, signal) => decideApplication(decide, id, signal),
      "decide-waiting": async (_, signal) => void (await decideWaiting(decide, signal)),
      "forget-old": async () => {
        await forgetOldLogIns(parts);
        await forgetOldCodes(parts);
      },
      "factor-resets": async () => void (await finishDueResets({ ...parts, program: config.program })),
      [runTask]: (id, signal) => writeRun({ ...parts, timeZone: config.program.timeZone }, id, signal),
      nightly: async (_, signal) => void (await runNightly(parts, { signal })),
    }),
    // Hourly: whatever the program's time zone, its night is over soon after midnight, and a missed one is caught up.
    crontab:
      "17 * * * * decide-waiting\n5 * * * * nightly\n41 7 * * * forget-old\n* * * * * chats-left\n* * * * * factor-resets",
  };
}

/** Codes have to arrive while administrators work; any other task comes back each minute until the maintenance is over. */
const goOnDuringMaintenance = [deliverTask];

function waitingOutMaintenance({ db, clock, maintenance }: Parts, tasks: Record<string, Task>): Record<string, Task> {
  const waiting = Object.entries(tasks).map(([name, task]): [string, Task] => [
    name,
    async (id, signal) => {
      const waits = maintenance.inForce(clock.now()) && !goOnDuringMaintenance.includes(name);
      await (waits ? addJob(db, { task: name, id, inSeconds: 60 }) : task(id, signal));
    },
  ]);
  return Object.fromEntries(waiting);
}

function carriers({ config }: Parts): DeliverParts["carriers"] {
  const { smtpUrl, smsUrl, production } = config;
  const from = { name: config.program.name, address: config.mailFrom };
  return {
    ...(smtpUrl && { email: mailCarrier({ url: smtpUrl, from, production }) }),
    ...(smsUrl && { sms: smsCarrier(smsUrl) }),
  };
}
