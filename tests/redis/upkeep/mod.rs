//! What is kept beside the rows: built, repaired, swept.

mod other_stores;
mod reindex;
mod repair;
mod sweep;
mod writers;

use peristyle::prelude::*;
use peristyle_tests::Store;
use redis::{Cmd, Connection, FromRedisValue};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Guests as they were before anybody looked for them by age, name or email.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "guests")]
pub struct OldGuest {
    pub id: i64,
    pub name: String,
    pub age: Option<i32>,
    pub email: Option<String>,
}

/// The same guests, with indexes.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "guests", index(age, name))]
pub struct Guest {
    pub id: i64,
    #[schema(index)]
    pub name: String,
    pub age: Option<i32>,
    #[schema(unique)]
    pub email: Option<String>,
}

/// The names of all that has to have all rows of [`Guest`].
pub const BUILT: [&str; 6] =
    ["/by/age:int,name:text", "/by/email:text", "/by/name:text", "/keys", "/unique/email", "?"];

/// A table as another program sees it, on the server that has it.
pub struct Raw {
    connection: Mutex<Connection>,
    pub tag: String,
}

impl Raw {
    /// A table of a store.
    pub fn of(store: &Store, table: &str) -> Raw {
        Raw::tagged(store, format!("{{{}.{table}}}", store.prefix()))
    }

    /// The part of a table that has this tag.
    pub fn tagged(store: &Store, tag: String) -> Raw {
        let owns = |connection: &mut Connection| redis::cmd("EXISTS").arg(&tag).query::<i64>(connection).is_ok();
        let connection = store.servers().connections().into_iter().find_map(|mut each| owns(&mut each).then_some(each));
        Raw { connection: Mutex::new(connection.unwrap()), tag }
    }

    pub fn run<T: FromRedisValue>(&self, command: &mut Cmd) -> T {
        command.query(&mut *self.connection.lock().unwrap()).unwrap()
    }

    /// A command on what follows the tag.
    pub fn on<T: FromRedisValue>(&self, command: &str, key: &str, arguments: &[&str]) -> T {
        self.run(redis::cmd(command).arg(format!("{}{key}", self.tag)).arg(arguments))
    }

    /// Writes rows as they are.
    pub fn put(&self, rows: impl IntoIterator<Item = (i64, String)>) {
        let mut pipeline = redis::pipe();
        for (key, row) in rows {
            pipeline.cmd("SET").arg(format!("{}:{key}", self.tag)).arg(row).ignore();
        }
        pipeline.exec(&mut *self.connection.lock().unwrap()).unwrap();
    }

    /// What follows the tag in all keys of the part.
    pub fn keys(&self) -> Vec<String> {
        let (mut keys, mut cursor) = (Vec::new(), 0u64);
        loop {
            let step = redis::cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(format!("{}*", self.tag))
                .arg("COUNT")
                .arg(5000)
                .to_owned();
            let (next, some): (u64, Vec<String>) = self.run(&mut step.to_owned());
            keys.extend(some.into_iter().map(|key| key[self.tag.len()..].to_owned()));
            if next == 0 {
                keys.sort();
                keys.dedup();
                return keys;
            }
            cursor = next;
        }
    }

    /// The registry.
    pub fn built(&self) -> Vec<String> {
        let mut built: Vec<String> = self.on("SMEMBERS", "/built", &[]);
        built.sort();
        built
    }

    /// The keys of the rows in a sorted set, in its order.
    pub fn index(&self, name: &str) -> Vec<String> {
        let members: Vec<Vec<u8>> = self.on("ZRANGE", name, &["0", "-1"]);
        let key = |member: &Vec<u8>| {
            let end = member.iter().rposition(|byte| *byte == 0).unwrap();
            String::from_utf8(member[end + 1..].to_vec()).unwrap()
        };
        members.iter().map(key).collect()
    }

    /// All that is kept beside the rows but the sequence: sorted sets, claims with their expiry, hashes, the registry.
    pub fn beside(&self) -> BTreeMap<String, Vec<(Vec<u8>, Vec<u8>)>> {
        let mut all = BTreeMap::new();
        for name in self.keys().into_iter().filter(|name| !name.starts_with(':') && name != "/sequence") {
            let kind: String = self.on("TYPE", &name, &[]);
            let pairs: Vec<(Vec<u8>, Vec<u8>)> = match kind.as_str() {
                "zset" => self.on("ZRANGE", &name, &["0", "-1", "WITHSCORES"]),
                "hash" => {
                    let fields: BTreeMap<Vec<u8>, Vec<u8>> = self.on("HGETALL", &name, &[]);
                    fields.into_iter().map(|(key, packed)| (key, sorted_pairs(&packed))).collect()
                }
                "set" => {
                    let members: std::collections::BTreeSet<Vec<u8>> = self.on("SMEMBERS", &name, &[]);
                    members.into_iter().map(|member| (member, Vec::new())).collect()
                }
                _ => {
                    let expires: i64 = self.on("PEXPIRETIME", &name, &[]);
                    vec![(self.on("GET", &name, &[]), expires.to_string().into_bytes())]
                }
            };
            all.insert(name, pairs);
        }
        all
    }
}

/// The pairs of a MessagePack array of texts, sorted: their order means nothing.
fn sorted_pairs(packed: &[u8]) -> Vec<u8> {
    let (mut texts, mut rest) = (Vec::new(), if packed[0] == 0xdc { &packed[3..] } else { &packed[1..] });
    while let Some((head, after)) = rest.split_first() {
        let (length, start) = match head {
            0xa0..=0xbf => (usize::from(head & 0x1f), 0),
            0xd9 => (usize::from(after[0]), 1),
            0xda => (usize::from(after[0]) << 8 | usize::from(after[1]), 2),
            other => panic!("{other:x} begins no text"),
        };
        texts.push(&after[start..start + length]);
        rest = &after[start + length..];
    }
    let mut pairs: Vec<&[&[u8]]> = texts.chunks(2).collect();
    pairs.sort();
    pairs.concat().join(&b'|')
}

/// A row as other programs write it.
pub fn row(id: i64, name: &str, age: i64) -> (i64, String) {
    (id, format!(r#"{{"id":{id},"name":"{name}","age":{age},"email":"{name}{id}@example.com"}}"#))
}
