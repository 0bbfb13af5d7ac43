//! `peristyle reindex`, on the Redis server of the tests.

use crate::support::Project;
use std::process::Stdio;
use std::time::{Duration, Instant};

const STRUCTS: &str = r#"
#[derive(Schema)]
#[schema(managed = false, index(user_id, seen_at))]
struct Session {
    #[schema(primary_key)]
    token: Uuid,
    user_id: UserId,
    seen_at: DateTime<Utc>,
}

#[derive(DbType)]
struct UserId(i64);

#[derive(Schema)]
struct Place {
    id: i64,
    #[schema(index)]
    point: geo::Point,
}

#[derive(Schema)]
#[schema(check(positive, "number > 0"))]
struct Invoice {
    id: i64,
    number: i32,
}
"#;

/// A project whose structs live in a prefix of the Redis server, which goes with it.
struct Redis {
    project: Project,
    prefix: String,
    connection: redis::Connection,
}

impl Redis {
    fn new() -> Redis {
        let url = std::env::var("PERISTYLE_TEST_REDIS_URL")
            .unwrap_or_else(|_| panic!("PERISTYLE_TEST_REDIS_URL is not set: run the tests with tests/run"));
        let connection = redis::Client::open(url.as_str()).unwrap().get_connection().unwrap();
        let prefix = format!("c{}x{}", std::process::id(), chrono::Utc::now().timestamp_micros());
        let mut project = Project::sqlite();
        project.set("REDIS_URL", &url);
        let toml = format!(
            "[repo.default]\nurl = \"sqlite:app.db\"\nredis_url = \"${{REDIS_URL}}\"\nprefixes = [\"{prefix}\"]\n"
        );
        project.write("peristyle.toml", &toml);
        project.write("src/lib.rs", STRUCTS);
        Redis { project, prefix, connection }
    }

    fn put(&mut self, rows: u32) {
        let mut pipeline = redis::pipe();
        for number in 0..rows {
            let token = format!("00000000-0000-7000-8000-{number:012}");
            let row =
                format!(r#"{{"token":"{token}","user_id":{},"seen_at":"2026-01-31T08:30:00.000000Z"}}"#, number % 10);
            pipeline.cmd("SET").arg(format!("{{{}.sessions}}:{token}", self.prefix)).arg(row).ignore();
        }
        pipeline.exec(&mut self.connection).unwrap();
    }

    fn count(&mut self, index: &str) -> u32 {
        redis::cmd("ZCARD").arg(format!("{{{}.sessions}}{index}", self.prefix)).query(&mut self.connection).unwrap()
    }

    fn run(&self, line: &str) -> String {
        self.project.run(line).replace(&self.prefix, "tenant")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let pattern = format!("{{{}.*", self.prefix);
        let mut cursor = 0u64;
        loop {
            let scan = redis::cmd("SCAN").arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(1000).to_owned();
            let Ok((next, keys)) = scan.query::<(u64, Vec<String>)>(&mut self.connection) else { return };
            if !keys.is_empty() {
                let _ = redis::cmd("UNLINK").arg(keys).exec(&mut self.connection);
            }
            cursor = next;
            if cursor == 0 {
                return;
            }
        }
    }
}

#[test]
fn it_builds_what_the_structs_have_and_leaves_out_with_a_note_what_redis_cannot_hold() {
    let mut redis = Redis::new();
    redis.put(30);
    let first = redis.run("reindex");
    assert!(first.contains("[tenant] reindexed  sessions  30 rows"), "{first}");
    assert!(first.contains("! [tenant] left out   invoices (Invoice): redis has no check constraints"), "{first}");
    assert!(first.contains("left out   places (Place): the type of Place.point is not known"), "{first}");
    assert!(!first.contains("exit"), "{first}");
    assert_eq!((redis.count("/keys"), redis.count("/by/user_id:int,seen_at:moment")), (30, 30));
    let second = redis.run("reindex sessions");
    assert_eq!(second, "$ peristyle reindex sessions\n[tenant] complete   sessions\n");
    let again = redis.run("reindex --rebuild --json sessions");
    assert!(again.contains("\"table\": \"sessions\"") && again.contains("\"rows\": 30"), "{again}");
}

#[test]
fn it_goes_on_where_it_was_killed() {
    let mut redis = Redis::new();
    redis.put(20_000);
    let mut command = redis.project.command(env!("CARGO_BIN_EXE_peristyle"), &["reindex", "sessions"], "");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while redis.count("/keys") < 4000 {
        assert!(Instant::now() < end, "nothing is built");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = redis.count("/keys");
    assert!(before < 20_000, "it was done before it was killed");
    let second = redis.run("reindex sessions");
    // What was sent before it was killed may have come after the count.
    let rows = second.split_once("sessions  ").and_then(|(_, rows)| rows.split_once(" rows")).unwrap().0;
    let rows = rows.parse::<u32>().unwrap();
    assert!(rows > 0 && rows <= 20_000 - before, "{before}: {second}");
    assert_eq!((redis.count("/keys"), redis.count("/by/user_id:int,seen_at:moment")), (20_000, 20_000));
}

#[test]
fn mistakes_say_what_to_do() {
    let redis = Redis::new();
    let unknown = redis.run("reindex places");
    assert!(unknown.contains("the type of Place.point is not known") && unknown.ends_with("exit 10\n"), "{unknown}");
    let typo = redis.run("reindex session");
    assert!(typo.contains("did you mean sessions?") && typo.ends_with("exit 2\n"), "{typo}");
    let refused = redis.run("reindex --url redis://user:secret@127.0.0.1:1 sessions");
    let error = refused.split_once('\n').unwrap().1;
    assert!(error.ends_with("exit 4\n") && !error.contains("secret"), "{refused}");
    let refused = redis.run("reindex invoices");
    assert!(refused.contains("redis has no check constraints") && refused.ends_with("exit 6\n"), "{refused}");
    let wrong = redis.run("db create --database-url redis://localhost");
    assert!(wrong.contains("redis_url in peristyle.toml") && wrong.ends_with("exit 3\n"), "{wrong}");
    let project = Project::sqlite();
    project.write("src/lib.rs", STRUCTS);
    let nowhere = project.run("reindex");
    assert!(nowhere.contains("no Redis is named") && nowhere.ends_with("exit 3\n"), "{nowhere}");
}
