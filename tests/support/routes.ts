import type { Express } from "express";
import type { Permission } from "../../src/identity/permissions.ts";

export type Route = { method: "GET" | "POST"; path: string; permission: Permission | undefined };

/** The routes of a portal, with the permission that the guard on their line carries. */
export function routesOf(app: Express): Route[] {
  type Layer = {
    route?: { path: string; methods: Record<string, boolean>; stack: { handle: { permission?: Permission } }[] };
    handle: { stack?: Layer[] };
  };
  const walk = (layers: Layer[]): Route[] =>
    layers.flatMap(({ route, handle }) => {
      if (!route) return handle.stack ? walk(handle.stack) : [];
      const permission = route.stack.map((layer) => layer.handle.permission).find(Boolean);
      const methods = Object.keys(route.methods).map((method) => method.toUpperCase() as Route["method"]);
      return methods.map((method) => ({ method, path: route.path, permission }));
    });
  return walk(app.router.stack as unknown as Layer[]);
}
