import pg from "pg";
import type { Config } from "./config.ts";
import { sqlState } from "./db.ts";
import { openVault } from "./secrets.ts";

/**
 * Two ways into one database. `owner` migrates and does nothing else; `portal` is the role that every page, job and
 * command works as. It owns nothing, so that not even a statement smuggled into a page could change history.
 */
export type DatabaseUrls = {
  owner: string;
  portal: string;
  /** The role's password is ours to set: it follows from DATA_KEY. */
  ours: boolean;
  /** Production insists on the role. To try the portal out, an address that may not make one will do. */
  needed: boolean;
};

/** The portal's own way in: DATABASE_APP_URL, or the owner's address with a role named after the database. */
export function databaseUrls(config: Config, owner: string): DatabaseUrls {
  if (config.databaseAppUrl) return { owner, portal: config.databaseAppUrl, ours: false, needed: true };
  const role = `${decodeURIComponent(new URL(owner).pathname.slice(1)) || "caraway"}_app`.slice(0, 63);
  const password = openVault(config.dataKey).digest("database role", role).toString("hex");
  return { owner, portal: asRole(owner, role, password), ours: true, needed: config.production };
}

/**
 * The address that the portal works at, once `migrate` has run: that of its own role. Outside production it is the
 * owner's where no such role could be made; then triggers alone guard what was written.
 */
export async function addressToWorkAt(urls: DatabaseUrls): Promise<string> {
  return urls.needed || (await getsIn(urls.portal)) ? urls.portal : urls.owner;
}

/** The same database as somebody else. As parameters, because an address of a socket alone has no place for a user. */
export function asRole(url: string, role: string, password: string): string {
  const address = new URL(url);
  address.searchParams.set("user", role);
  address.searchParams.set("password", password);
  return address.href;
}

/**
 * Makes sure that the portal's role gets in, and making it the first time; then gives it what it needs. Called with the
 * lock of the migrations held, after each of them, for they bring new tables.
 * @throws with a sentence for the operator, when the role cannot be made or would own what it must not
 */
export async function preparePortalRole(owner: pg.ClientBase, urls: DatabaseUrls): Promise<void> {
  const { user: role = "", password = "" } = new pg.Client(urls.portal);
  if (!(await getsIn(urls.portal))) {
    await makeRole(owner, { ...urls, role, password: String(password) });
    if (!(await getsIn(urls.portal))) {
      if (!urls.needed) return;
      throw new Error(`The database does not let the portal's role ${role} log in. ${advice}`);
    }
  }
  const { rows } = await owner.query(
    `select rolsuper or rolcreaterole or rolreplication or rolbypassrls
       or pg_has_role(oid, (select relowner from pg_class where oid = 'ledger_entries'::regclass), 'member') as much
     from pg_roles where rolname = $1`,
    [role],
  );
  if (rows[0]?.much) {
    throw new Error(`DATABASE_APP_URL logs in as ${role}, who could change what is written. ${advice}`);
  }
  await owner.query("begin");
  await owner.query("select set_config('caraway.role', $1, true)", [role]);
  await owner.query(rights);
  await owner.query("commit");
}

const advice =
  "The portal needs a role of its own that owns nothing: let the role of DATABASE_URL make it (alter role … createrole), " +
  "or make one (create role … login password …) and give its address as DATABASE_APP_URL.";

/** False when the database knows no such role or password; anything else that is wrong is thrown. */
async function getsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (sqlState(error)?.startsWith("28")) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function makeRole(
  owner: pg.ClientBase,
  { role, password, ours, needed }: { role: string; password: string; ours: boolean; needed: boolean },
): Promise<void> {
  const { rowCount } = await owner.query("select from pg_roles where rolname = $1", [role]);
  if (rowCount && !ours) return; // another's password is not ours to change
  const name = pg.escapeIdentifier(role);
  const verb = rowCount ? "alter" : "create";
  try {
    await owner.query(`${verb} role ${name} login password ${pg.escapeLiteral(password)}`);
  } catch (error) {
    if (sqlState(error) === "42710" || sqlState(error) === "23505") return; // another database's portal was quicker
    if (sqlState(error) !== "42501") throw error;
    if (!needed) return;
    throw new Error(`The role of DATABASE_URL may not make the portal's role ${role}. ${advice}`, { cause: error });
  }
}

/**
 * Every table as its guards allow: of one that refuses changes (`refuse_change`) only what it does not refuse, of the
 * ledger and of the list of migrations only reading. The ledger is written by its function, which runs as its owner.
 */
const rights = /* sql */ `do $$
declare
  portal text := quote_ident(current_setting('caraway.role'));
  each record;
begin
  execute format('revoke temporary on database %I from public', current_database());
  revoke create on schema public from public;
  execute format('grant usage on schema public, graphile_worker to %s', portal);
  for each in
    select c.oid::regclass as name, (c.relname like 'ledger\\_%' or c.relname like 'knex\\_%') as read_only,
        coalesce(bool_or(t.tgtype & 8 > 0), false) as no_delete,
        coalesce(bool_or(t.tgtype & 16 > 0 and t.tgattr = '' and t.tgqual is null), false) as no_update
      from pg_class c left join pg_trigger t on t.tgrelid = c.oid and t.tgfoid = 'refuse_change'::regproc
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
        and pg_has_role(c.relowner, 'usage')
      group by c.oid
  loop
    execute format('revoke all on %s from %s', each.name, portal);
    execute format('grant select %s %s %s on %s to %s',
      case when not each.read_only then ', insert' end,
      case when not each.read_only and not each.no_update then ', update' end,
      case when not each.read_only and not each.no_delete then ', delete' end, each.name, portal);
  end loop;
  revoke execute on function post_all_to_ledger, post_to_ledger from public;
  execute format('grant execute on function post_all_to_ledger, post_to_ledger to %s', portal);

  -- graphile-worker locks its tables by row security without a policy: whoever works on jobs needs one.
  execute format('grant select on graphile_worker.migrations to %s', portal);
  for each in
    select c.oid::regclass as name, c.relrowsecurity as is_locked,
        exists (select from pg_policy p where p.polrelid = c.oid and p.polname = current_setting('caraway.role')) as is_open
      from pg_class c where c.relnamespace = 'graphile_worker'::regnamespace and c.relkind in ('r', 'v')
        and c.relname <> 'migrations'
  loop
    execute format('grant select, insert, update, delete on %s to %s', each.name, portal);
    if each.is_locked and not each.is_open then
      execute format('create policy %s on %s to %1$s using (true) with check (true)', portal, each.name);
    end if;
  end loop;
end $$`;
