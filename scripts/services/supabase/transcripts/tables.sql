-- The tables that the transcripts are about, with what was in them.
create table uploads (
  id uuid primary key default gen_random_uuid(), user_id uuid, status text, bytes int8 default 0, progress numeric,
  meta jsonb default '{}', tags text[], created_at timestamptz default now(), note text
);

create table rlst (id int primary key, owner uuid, v text);
alter table rlst enable row level security;
create policy "one's own" on rlst for select using (owner = auth.uid());

create table locked (id int primary key, v text);
revoke all on locked from anon, authenticated;

create table full_id (id int primary key, v text);
alter table full_id replica identity full;
create function tell() returns trigger language plpgsql security definer as $$
begin
  perform realtime.broadcast_changes('pub-rw', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
  return null;
end $$;
create trigger tell after insert or update or delete on full_id for each row execute function tell();

create table lossy (id int primary key, v text);
create function hex(bytes int) returns text language sql as $$ select string_agg(md5(random()::text), '') from generate_series(1, bytes / 16) $$;

create type mood as enum ('good', 'bad');
create table types (
  id int8 primary key, n numeric, f float8, b bool, "by" bytea, d date, ts timestamp, j json, e mood, ia int4[], iv interval, big text,
  nan numeric, u uuid, inet inet
);
insert into types (id) values (9223372036854775807);
create table types_sample as select
  9223372036854775807 as id, 123456789012345678901234567890::numeric as n, 1e300::float8 as f, true as b, '\xdeadbeef'::bytea as "by",
  date '2026-01-02' as d, timestamp '2026-01-02 03:04:05.678' as ts, '{"b": 1, "a": 2}'::json as j, mood 'bad' as e, array[1, 2] as ia,
  interval '1 day' as iv, hex(16000) as big, 'NaN'::numeric as nan, gen_random_uuid() as u, inet '10.0.0.1' as inet;

create table colp (id int primary key, a text, secret text);
revoke all on colp from anon;
grant select (id, a) on colp to anon;
insert into colp values (1, 'x', 'secret');

create table part (id int, k int, v text, primary key (id, k)) partition by range (k);
create table part_1 partition of part for values from (0) to (10);

create table "Mixed Case" (id int primary key, v text);
insert into "Mixed Case" values (1, 'm');
create table nopk (id int);
create table nopub (id int primary key);

alter publication supabase_realtime add table uploads, rlst, locked, full_id, lossy, types, colp, part, "Mixed Case", nopk;

create policy "listens" on realtime.messages for select to authenticated using (realtime.topic() in ('pub-rw', 'pub-ro'));
create policy "speaks" on realtime.messages for insert to authenticated with check (realtime.topic() = 'pub-rw');
