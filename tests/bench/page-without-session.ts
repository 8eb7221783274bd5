// The account page itself, its question and its templates, for nobody in particular: what a log-in and all checks cost is
// what the portal's own page takes more.
import express from "express";
import { accountPageQuestion } from "../../src/accounts/account-page.ts";
import type { PracticeViewer } from "../../src/identity/viewer.ts";
import { loadAssets } from "../../src/platform/assets.ts";
import { readConfig } from "../../src/platform/config.ts";
import { openDb } from "../../src/platform/db.ts";
import { openLog } from "../../src/platform/log.ts";
import { openNotices } from "../../src/platform/notice.ts";
import { openVault } from "../../src/platform/secrets.ts";
import { serverOf } from "../../src/platform/serve.ts";
import { openViews } from "../../src/platform/view.ts";

const config = readConfig(process.env);
const db = openDb(async () => process.env.DATABASE_APP_URL ?? "", openLog("silent"));
const viewer = { practice: { id: process.env.PRACTICE } } as PracticeViewer;
const shown = { can: () => true, nav: [], name: "Nobody", placeName: "Nowhere", timeZone: "America/Chicago" };
const frame = () => ({
  viewer: shown,
  csrf: "",
  idle: null,
  notice: null,
  help: "/",
  maintenance: null,
  hasKeptForm: false,
  root: "",
});

const app = express();
app.disable("x-powered-by").disable("etag");
const notices = openNotices({ vault: openVault(config.dataKey), secure: false });
app.use(openViews(config, loadAssets(undefined), { frame, notices }));
const onPage = accountPageQuestion(db);
app.get("/readyz", (_req, res) => void res.send("ready"));
app.get("/accounts/:id", async (req, res) => {
  const found = await onPage(viewer, req.params.id, "2026-10-15");
  res.locals.show("accounts/account", { page: { title: found.account.patientName }, ...found });
});
serverOf(app).listen(config.port, "127.0.0.1");
