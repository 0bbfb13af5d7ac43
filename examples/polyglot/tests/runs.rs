//! The program, on a database of its own and on the Redis server that the tests were given.

use std::process::{Command, Output};

/// Runs it with these variables and no others of its own.
fn run(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyglot"));
    command.env_remove("DATABASE_URL").env_remove("REDIS_URL").envs(variables.iter().copied());
    command.output().unwrap()
}

#[test]
fn it_prints_what_it_sends_to_both_stores() {
    let redis =
        std::env::var("PERISTYLE_TEST_REDIS_URL").expect("PERISTYLE_TEST_REDIS_URL: run the tests with tests/run");
    let file = std::env::temp_dir().join(format!("peristyle-polyglot-{}.db", std::process::id()));
    let url = format!("sqlite:{}", file.display());
    // The second time, Ann and Bob are there already.
    for _ in 0..2 {
        let output = run(&[("DATABASE_URL", &url), ("REDIS_URL", &redis)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(output.contains("Ann: 1 posts, signed in: true\nBob: 1 posts, signed in: true\n"), "{output}");
        assert!(output.contains("FROM \"posts\"") && output.contains("{polyglot.sessions}"), "{output}");
        assert!(output.contains("preload instead of join: `User::query().preload(|u| u.sessions())`"), "{output}");
    }
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

#[test]
fn without_redis_it_says_what_to_do() {
    let output = run(&[("DATABASE_URL", "sqlite::memory:"), ("REDIS_URL", "redis://user:secret@127.0.0.1:1/0")]);
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("there is no Redis: start one (`redis-server`), or set REDIS_URL"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}
