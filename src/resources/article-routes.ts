import { Router } from "express";
import type { Viewer } from "../identity/viewer.ts";
import { escapeHtml } from "../lib/escape.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { typedIn } from "../platform/forms.ts";
import { inWordsOf, toHtml } from "../platform/markdown.ts";
import { type Article, articles, findArticle, isForStaff, topics } from "./articles.ts";
import { type FoundArticle, searchArticles } from "./search-articles.ts";

/** Support articles: public, because who cannot log in needs them most, and because they say nothing about anybody. */
export function articleRoutes(parts: {
  db: Db;
  /** The program, with its hours in the viewer's time zone. */
  programFor: (viewer: Viewer | undefined) => { name: string; phone: string; hours: string };
  /** Whether a viewer may open a page; strangers are shown the way to the log-in. */
  mayOpen: (viewer: Viewer, path: string) => boolean;
}): Router {
  const router = Router();
  const { db, programFor, mayOpen } = parts;
  const isListed = (article: Article, viewer: Viewer | undefined) =>
    !isForStaff(article) || (viewer !== undefined && mayOpen(viewer, "/console"));
  const shelvesFor = (viewer: Viewer | undefined) =>
    topics
      .map((topic) => ({ topic, articles: articles.filter((one) => one.topic === topic && isListed(one, viewer)) }))
      .filter((shelf) => shelf.articles.length);

  router.get("/resources/articles", async (req, res) => {
    const q = (typedIn(req.query).q ?? "").trim();
    const { viewer } = res.locals;
    const listed = articles.filter((one) => isListed(one, viewer)).map(({ slug }) => slug);
    const found = q ? inProgramsWords(await searchArticles(db, q, listed), viewer) : null;
    const page = { title: q ? "Articles found" : "Support articles", back: upFrom(viewer) };
    res.locals.show(
      "resources/articles",
      { page, q, found, shelves: shelvesFor(viewer) },
      { fragment: "resources/_articles" },
    );
  });

  router.get("/resources/articles/:slug", (req, res) => {
    const article = findArticle(req.params.slug);
    if (!article) throw notFound();
    const page = { title: `Help: ${article.title}`, back: { href: "/resources/articles", label: "Support articles" } };
    const { viewer } = res.locals;
    const html = toHtml(inWordsOf(programFor(viewer), article.markdown), (path) => !viewer || mayOpen(viewer, path));
    const others = articles.filter((one) => one.topic === article.topic && one !== article);
    res.locals.show("resources/article", { page, article, articleHtml: html, others });
  });

  const inProgramsWords = (found: FoundArticle[], viewer: Viewer | undefined) => {
    const { name, phone, hours } = programFor(viewer);
    const escaped = { name: escapeHtml(name), phone: escapeHtml(phone), hours: escapeHtml(hours) };
    return found.map((one) => ({ ...one, excerptHtml: inWordsOf(escaped, one.excerptHtml) }));
  };
  const upFrom = (viewer: Viewer | undefined) => {
    if (!viewer) return { href: "/trouble", label: "Trouble logging in?" };
    return mayOpen(viewer, "/resources")
      ? { href: "/resources", label: "Resources" }
      : { href: "/", label: "Dashboard" };
  };

  return router;
}
