//! The checker of what lies in Redis: written from `docs/redis.md` alone, without the adapter's code.
//!
//! [`check`] looks at every key of a store's prefix, and finds members and claims of rows that are gone, those that rows lack, claims
//! of other rows, rows that expire without what takes them out of the indexes, a wrong registry, and keys that nobody knows.

use crate::Store;
use crate::redis::Servers;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use peristyle::schema::{FieldMeta, SchemaMeta};
use peristyle::value::DataType;
use redis::{Cmd, FromRedisValue};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

type Row = Map<String, Json>;
/// What follows the tag in a sorted set's key, and a member in it.
type Member = (String, Vec<u8>);

/// Checks all that a store's prefix has, which is of these schemas. Rows that expire at this moment are no problem.
///
/// # Panics
///
/// With all that is wrong.
#[track_caller]
pub fn check(store: &Store, schemas: &[&'static SchemaMeta]) {
    let problems = problems(store, schemas);
    assert!(problems.is_empty(), "the layout is broken:\n  {}", problems.join("\n  "));
}

/// What is wrong with what a store's prefix has, which is of these schemas.
pub fn problems(store: &Store, schemas: &[&'static SchemaMeta]) -> Vec<String> {
    problems_of(store.servers(), Some(store.prefix()), schemas, 0)
}

/// What is wrong with what servers have in a prefix, or without one, which is of these schemas. Keys that a cluster moved
/// live longer by as many milliseconds as that took: `slack` at most.
pub fn problems_of(
    servers: &Servers,
    prefix: Option<&str>,
    schemas: &[&'static SchemaMeta],
    slack: i64,
) -> Vec<String> {
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let of_prefix = prefix.map(|prefix| format!("{}.", escaped(prefix))).unwrap_or_default();
    for key in servers.keys(&format!("{{{of_prefix}*")) {
        match key.split_once('}') {
            Some((tag, rest)) => parts.entry(format!("{tag}}}")).or_default().push(rest.to_owned()),
            None => parts.entry(String::new()).or_default().push(key),
        }
    }
    let mut problems = Vec::new();
    for schema in schemas {
        let buckets = schema.buckets.unwrap_or(1);
        for bucket in 0..buckets {
            let place = if buckets > 1 { format!("/{bucket}") } else { String::new() };
            let tag = format!("{{{of_prefix}{}{place}}}", escaped(schema.table));
            if let Some(keys) = parts.remove(&tag) {
                Part { servers, schema, tag, slack, problems: &mut problems }.check(&keys);
            }
        }
    }
    problems.extend(parts.into_iter().map(|(tag, keys)| format!("{tag} is of no schema: {keys:?}")));
    problems
}

/// An index of a schema.
struct Index {
    fields: Vec<&'static FieldMeta>,
    unique: bool,
    suffix: String,
    claims: String,
}

struct Part<'p> {
    servers: &'p Servers,
    schema: &'static SchemaMeta,
    tag: String,
    slack: i64,
    problems: &'p mut Vec<String>,
}

impl Part<'_> {
    fn problem(&mut self, problem: String) {
        self.problems.push(format!("{}{problem}", self.tag));
    }

    fn command<T: FromRedisValue>(&self, name: &str, suffix: &str, arguments: &[&str]) -> T {
        let mut command: Cmd = redis::cmd(name);
        command.arg(format!("{}{suffix}", self.tag)).arg(arguments);
        self.servers.command(&command)
    }

    fn check(mut self, keys: &[String]) {
        let indexes = indexes(self.schema);
        let now: i64 = chrono::Utc::now().timestamp_millis();
        // What expires is looked at first: a row that is gone after this was there before.
        let expiry: Vec<(String, f64)> = self.command("ZRANGE", "/expiry", &["0", "-1", "WITHSCORES"]);
        let expiry: BTreeMap<String, i64> = expiry.into_iter().map(|(key, time)| (key, time as i64)).collect();
        let entries: BTreeMap<String, Vec<u8>> = self.command("HGETALL", "/entries", &[]);
        let built: BTreeSet<String> = self.command("SMEMBERS", "/built", &[]);
        let mut rows: BTreeMap<String, (Row, i64)> = BTreeMap::new();
        for key in keys.iter().filter_map(|key| key.strip_prefix(':')) {
            let raw: Option<String> = self.command("GET", &format!(":{key}"), &[]);
            let expires: i64 = self.command("PEXPIRETIME", &format!(":{key}"), &[]);
            // It may have gone in between.
            let Some(raw) = raw.filter(|_| expires != -2) else { continue };
            match serde_json::from_str::<Row>(&raw) {
                Ok(row) => {
                    let of_row = key_text(self.schema.key_fields().map(|(_, field)| field), &row);
                    if of_row.as_deref() != Some(key) {
                        self.problem(format!(":{key} has a row whose key is {of_row:?}"));
                    }
                    rows.insert(key.to_owned(), (row, expires));
                }
                Err(error) => self.problem(format!(":{key} is no JSON object: {error}")),
            }
        }
        let due = |key: &str| expiry.get(key).is_some_and(|time| *time <= now + 1_000);
        let complete = |name: &str| built.is_empty() || built.contains(name);

        // The members of the sorted sets.
        let mut expected: BTreeMap<&str, BTreeSet<Member>> = BTreeMap::new();
        for (key, (row, _)) in &rows {
            expected.insert(
                key,
                indexes.iter().map(|index| (index.suffix.clone(), self.member(index, row, key))).collect(),
            );
        }
        let mut found: BTreeMap<String, BTreeSet<Member>> = BTreeMap::new();
        for suffix in keys.iter().filter(|key| *key == "/keys" || key.starts_with("/by/")) {
            if indexes.iter().all(|index| index.suffix != *suffix) {
                if built.contains(suffix) {
                    self.problem(format!("{suffix} is complete, says the registry, and no index of the schema"));
                }
                continue;
            }
            let members: Vec<(Vec<u8>, f64)> = self.command("ZRANGE", suffix, &["0", "-1", "WITHSCORES"]);
            for (member, score) in members {
                let key =
                    String::from_utf8_lossy(member.rsplit(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
                if score != 0.0 {
                    self.problem(format!("{suffix} has a member of {key} with the score {score}"));
                }
                found.entry(key).or_default().insert((suffix.clone(), member));
            }
        }
        for (key, members) in &found {
            let right = expected.get(key.as_str()).cloned().unwrap_or_default();
            let listed = entries.get(key).map(|packed| unpacked(packed)).unwrap_or_default();
            for member in members.difference(&right) {
                let will_go = !rows.contains_key(key) && due(key) && listed.contains(member);
                if !will_go && complete(&member.0) {
                    self.problem(format!(
                        "{} has an orphan of row {key}: {:?}",
                        member.0,
                        String::from_utf8_lossy(&member.1)
                    ));
                }
            }
        }
        for (key, members) in &expected {
            let has = found.get(*key).cloned().unwrap_or_default();
            for (suffix, _) in members.difference(&has).filter(|(suffix, _)| complete(suffix)) {
                self.problem(format!("{suffix} has no member of row {key}"));
            }
        }

        // The claims.
        let mut claimed: BTreeMap<String, String> = BTreeMap::new();
        for suffix in keys.iter().filter(|key| key.starts_with("/unique/")) {
            let holder: Option<String> = self.command("GET", suffix, &[]);
            let expires: i64 = self.command("PEXPIRETIME", suffix, &[]);
            let (Some(holder), Some((name, _))) = (holder, suffix.split_once('=')) else { continue };
            let Some(index) = indexes.iter().find(|index| index.unique && index.claims == name) else {
                if complete(name) {
                    self.problem(format!("{suffix} is a claim of no unique index of the schema"));
                }
                continue;
            };
            match rows.get(&holder) {
                None if expires >= 0 && expires <= now + 1_000 => {}
                None => self.problem(format!("{suffix} is claimed for row {holder}, which is gone")),
                Some((row, _)) if claim(index, row).as_deref() != Some(suffix) => {
                    self.problem(format!("{suffix} is claimed for row {holder}, which has other values"));
                }
                Some((_, of_row)) if (*of_row - expires).abs() > self.slack => {
                    self.problem(format!("{suffix} expires at {expires}, its row {holder} at {of_row}"));
                }
                Some(_) => {}
            }
            claimed.insert(suffix.clone(), holder);
        }
        for (key, (row, expires)) in &rows {
            let goes = *expires >= 0 && *expires <= now + 1_000;
            for index in indexes.iter().filter(|index| !goes && index.unique && complete(&index.claims)) {
                if let Some(claim) = claim(index, row).filter(|claim| claimed.get(claim) != Some(key)) {
                    self.problem(format!("{claim} is not claimed by row {key} but by {:?}", claimed.get(&claim)));
                }
            }
        }

        // What expires.
        for (key, (_, expires)) in rows.iter().filter(|(_, (_, expires))| *expires >= 0) {
            let late = expiry.get(key).map(|noted| *expires - *noted);
            if late.is_none_or(|late| late < 0 || late > self.slack) {
                self.problem(format!("/expiry has row {key} at {:?}, it expires at {expires}", expiry.get(key)));
            }
            let listed = entries.get(key).map(|packed| unpacked(packed));
            if listed.as_ref() != expected.get(key.as_str()) {
                self.problem(format!("/entries lists {listed:?} of row {key}, not its members"));
            }
        }
        for key in expiry.keys().chain(entries.keys()).collect::<BTreeSet<_>>() {
            if expiry.contains_key(key) != entries.contains_key(key) {
                self.problem(format!("only one of /expiry and /entries has row {key}"));
            }
            match rows.get(key) {
                Some((_, expires)) if *expires < 0 => {
                    self.problem(format!("/expiry has row {key}, which does not expire"))
                }
                None if !due(key) => self.problem(format!("/expiry has row {key}, which is gone before its time")),
                _ => {}
            }
        }

        // The registry and the sequence.
        let maintained: BTreeSet<&String> = indexes
            .iter()
            .map(|index| &index.suffix)
            .chain(indexes.iter().filter(|index| index.unique).map(|index| &index.claims))
            .collect();
        if !rows.is_empty() && built.is_empty() {
            self.problem("/built is missing: the table would count as new".to_owned());
        }
        for name in built.iter().filter(|name| !name.starts_with('?')) {
            if !maintained.contains(name) {
                self.problem(format!("/built says that {name} is complete, which the schema does not maintain"));
            }
        }
        let last: Option<String> = self.command("GET", "/sequence", &[]);
        if let Some(last) = last.and_then(|last| last.parse::<i64>().ok()) {
            let greatest = rows.keys().filter_map(|key| key.parse::<i64>().ok()).max();
            if self.schema.buckets.is_none() && greatest.is_some_and(|greatest| greatest > last) {
                self.problem(format!("/sequence is {last}, and the key {greatest:?} is there"));
            }
        }
        let known = ["/expiry", "/entries", "/built", "/sequence", "/reindex", "/keys"];
        for key in keys {
            let is_known =
                known.contains(&key.as_str()) || [":", "/by/", "/unique/"].iter().any(|start| key.starts_with(start));
            if !is_known {
                self.problem(format!("{key} is none of the layout's keys"));
            }
        }
    }

    fn member(&mut self, index: &Index, row: &Row, key: &str) -> Vec<u8> {
        let primary = self.schema.key_fields().map(|(_, field)| field);
        let fields: Vec<_> = match index.suffix.as_str() {
            "/keys" => primary.collect(),
            _ => index.fields.iter().copied().chain(primary).collect(),
        };
        let mut member = Vec::new();
        for field in fields {
            if encode(field, row.get(field.column), &mut member).is_none() {
                self.problem(format!(
                    ":{key} has {:?} in {}, which is no {}",
                    row.get(field.column),
                    field.column,
                    field.data_type
                ));
            }
        }
        member.push(0);
        member.extend(key.as_bytes());
        member
    }
}

fn indexes(schema: &'static SchemaMeta) -> Vec<Index> {
    let key = schema.key_fields().map(|(_, field)| field).collect();
    let mut indexes = vec![Index { fields: key, unique: false, suffix: "/keys".to_owned(), claims: String::new() }];
    for index in schema.indexes {
        let field = |column: &&str| schema.fields.iter().find(|field| field.column == *column && !field.is_virtual);
        let fields: Vec<&'static FieldMeta> = index.columns.iter().filter_map(field).collect();
        let typed: Vec<String> =
            fields.iter().map(|field| format!("{}:{}", escaped(field.column), kind(field.data_type))).collect();
        let columns: Vec<String> = fields.iter().map(|field| escaped(field.column)).collect();
        let suffix = format!("/by/{}", typed.join(","));
        let index = Index { fields, unique: index.unique, suffix, claims: format!("/unique/{}", columns.join(",")) };
        match indexes.iter_mut().find(|known| known.suffix == index.suffix) {
            Some(known) => known.unique |= index.unique,
            None => indexes.push(index),
        }
    }
    indexes
}

fn kind(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Bool => "bool",
        DataType::I16 | DataType::I32 | DataType::I64 => "int",
        DataType::F32 | DataType::F64 => "float",
        DataType::Bytes => "bytes",
        DataType::Uuid => "uuid",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::DateTime | DataType::Timestamp => "moment",
        DataType::Decimal => "decimal",
        _ => "text",
    }
}

fn escaped(name: &str) -> String {
    let escape = |character: char| match character {
        '%' | '{' | '}' | '.' | '/' | ':' | ',' | '=' => format!("%{:02X}", character as u32),
        other => other.to_string(),
    };
    name.chars().map(escape).collect()
}

/// The claim of a row; none where a column is NULL.
fn claim(index: &Index, row: &Row) -> Option<String> {
    Some(format!("{}={}", index.claims, key_text(index.fields.iter().copied(), row)?))
}

/// The text of a key; none where a column is NULL.
fn key_text(fields: impl Iterator<Item = &'static FieldMeta>, row: &Row) -> Option<String> {
    let text = |field: &'static FieldMeta| {
        let text = match row.get(field.column)? {
            Json::Null => return None,
            Json::String(text) if field.data_type == DataType::Decimal => {
                text.parse::<Decimal>().ok()?.normalize().to_string()
            }
            Json::String(text) => text.replace('%', "%25").replace(':', "%3A").replace('\0', "%00"),
            other => other.to_string(),
        };
        Some(text)
    };
    Some(fields.map(text).collect::<Option<Vec<_>>>()?.join(":"))
}

/// Appends the ordered bytes of a column.
fn encode(field: &FieldMeta, value: Option<&Json>, out: &mut Vec<u8>) -> Option<()> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        out.push(1);
        return Some(());
    };
    out.push(2);
    let integer = |value: i64| (value as u64 ^ (1 << 63)).to_be_bytes();
    match field.data_type {
        DataType::Bool => out.push(u8::from(value.as_bool()?)),
        DataType::I16 | DataType::I32 | DataType::I64 => {
            let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))?;
            out.extend(integer(number));
        }
        DataType::F32 | DataType::F64 => {
            let number = match value.as_str() {
                Some("NaN") => f64::NAN,
                Some("Infinity") => f64::INFINITY,
                Some("-Infinity") => f64::NEG_INFINITY,
                Some(_) => return None,
                None if field.data_type == DataType::F32 => f64::from(value.to_string().parse::<f32>().ok()?),
                None => value.as_f64()?,
            };
            let bits = (number + 0.0).to_bits();
            out.extend((if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) }).to_be_bytes());
        }
        DataType::Decimal => decimal(&value.as_str()?.parse().ok()?, out),
        DataType::Uuid => out.extend(uuid::Uuid::parse_str(value.as_str()?).ok()?.as_bytes()),
        DataType::Date => {
            let date: NaiveDate = value.as_str()?.parse().ok()?;
            out.extend(integer(date.signed_duration_since(NaiveDate::default()).num_days()));
        }
        DataType::Time => {
            let time: NaiveTime = value.as_str()?.parse().ok()?;
            out.extend(integer(time.signed_duration_since(NaiveTime::MIN).num_microseconds()?));
        }
        DataType::DateTime => {
            out.extend(integer(value.as_str()?.parse::<NaiveDateTime>().ok()?.and_utc().timestamp_micros()));
        }
        DataType::Timestamp => {
            out.extend(integer(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.timestamp_micros()));
        }
        DataType::Bytes => {
            let text = value.as_str()?;
            let bytes = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
            terminated(&bytes.collect::<Option<Vec<u8>>>()?, out);
        }
        _ => terminated(value.as_str()?.as_bytes(), out),
    }
    Some(())
}

fn terminated(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xff);
        }
    }
    out.extend([0, 1]);
}

fn decimal(value: &Decimal, out: &mut Vec<u8>) {
    if value.is_zero() {
        out.push(2);
        return;
    }
    let value = value.normalize();
    let digits = value.mantissa().abs().to_string();
    let mut bytes = vec![(digits.len() as i64 - 1 - i64::from(value.scale()) + 128) as u8];
    bytes.extend(digits.trim_end_matches('0').bytes());
    bytes.push(0);
    if value.is_sign_negative() {
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
    }
    out.push(if value.is_sign_negative() { 1 } else { 3 });
    out.extend(bytes);
}

/// The members that a MessagePack array lists, each behind its suffix.
fn unpacked(packed: &[u8]) -> BTreeSet<Member> {
    let mut at = 0;
    let mut number = |count: usize| {
        let bytes = packed.get(at..at + count).unwrap_or_default();
        at += count;
        bytes.to_vec()
    };
    let big = |bytes: Vec<u8>| bytes.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    let length = match number(1).first() {
        Some(0xdc) => big(number(2)),
        Some(0xdd) => big(number(4)),
        Some(tag) => usize::from(tag & 0x0f),
        None => 0,
    };
    let mut texts = Vec::new();
    for _ in 0..length {
        let length = match number(1).first() {
            Some(0xd9 | 0xc4) => big(number(1)),
            Some(0xda | 0xc5) => big(number(2)),
            Some(0xdb | 0xc6) => big(number(4)),
            Some(tag) => usize::from(tag & 0x1f),
            None => 0,
        };
        texts.push(number(length));
    }
    texts
        .chunks(2)
        .map(|pair| (String::from_utf8_lossy(&pair[0]).into_owned(), pair.get(1).cloned().unwrap_or_default()))
        .collect()
}
