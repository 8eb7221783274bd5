import { join } from "node:path";
import { readContent, toHtml } from "../platform/markdown.ts";
import { root } from "../platform/root.ts";

export type Question = {
  /** The name of its field: `q1` to `q10`. */
  name: string;
  text: string;
  answers: { text: string; right: boolean }[];
  why: string;
};

export type Course = {
  slug: string;
  title: string;
  summary: string;
  minutes: number;
  /** Whoever charges can be asked to have it. */
  neededToCharge: boolean;
  html: string;
  questions: Question[];
};

/** How many of the ten have to be right: 80 per cent. */
export const passMark = 8;

/** The courses, read once. Under `# Questions` a file has them: `### question`, `- [x] right`, `- [ ] wrong`, `> why`. */
export const courses: readonly Course[] = readContent(join(root, "src/training/courses")).map(
  ({ slug, meta, markdown }) => {
    const [text = "", asked = ""] = markdown.split(/^# Questions$/m);
    const { title, summary, minutes, needed } = meta;
    if (!title || !summary || !minutes) throw new Error(`${slug}.md needs a title, a summary and its minutes`);
    const questions = asked
      .split(/^### /m)
      .slice(1)
      .map((part, i) => questionIn(part, `q${i + 1}`, slug));
    if (questions.length !== 10) throw new Error(`${slug}.md has ${questions.length} questions, not ten`);
    return {
      slug,
      title,
      summary,
      minutes: Number(minutes),
      neededToCharge: needed === "to charge",
      html: toHtml(text),
      questions,
    };
  },
);

function questionIn(part: string, name: string, slug: string): Question {
  const lines = part.split("\n");
  const answers = lines.flatMap((line) => {
    const [, mark, text] = /^- \[([ x])\] (.+)$/.exec(line) ?? [];
    return text ? [{ text, right: mark === "x" }] : [];
  });
  const why = lines.find((line) => line.startsWith("> "))?.slice(2);
  const text = lines[0]?.trim();
  if (!text || !why || answers.length < 2 || answers.filter(({ right }) => right).length !== 1)
    throw new Error(`${slug}.md: ${name} needs a text, two answers or more, exactly one right one, and a reason`);
  return { name, text, answers, why };
}

export const findCourse = (slug: unknown): Course | undefined => courses.find((one) => one.slug === slug);

/** The courses without which nobody charges, where a practice asks for training. */
export const neededToCharge = courses.filter((one) => one.neededToCharge);
