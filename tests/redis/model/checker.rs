//! The checker of the layout finds whatever is spoilt.

use super::schemas::{Item, Session, User, moment};
use peristyle::prelude::*;
use peristyle_tests::{Store, layout, on_both_redis};
use std::time::Duration;
use uuid::Uuid;

/// A command on what follows the tag of the users, and a problem that it makes.
const SPOILT: [(&str, &[&str], &str); 20] = [
    ("ZPOPMIN /keys", &[], "/keys has no member of row 1"),
    ("ZPOPMAX /by/name:text", &[], "/by/name:text has no member of row 2"),
    ("ZADD /by/email:text", &["0", "nonsense\x009"], "/by/email:text has an orphan of row 9"),
    ("ZADD /by/active:bool", &["0", "\x02\x01\x001"], "/by/active:bool has an orphan of row 1"),
    ("ZINCRBY /by/email:text", &["1", "nonsense\x001"], "with the score 1"),
    ("DEL :2", &[], "/keys has an orphan of row 2"),
    ("DEL :2", &[], "/unique/email=b is claimed for row 2, which is gone"),
    ("UNLINK :1", &[], "/expiry has row 1, which is gone before its time"),
    ("SET /unique/email=z", &["2"], "/unique/email=z is claimed for row 2, which has other values"),
    ("DEL /unique/email=b", &[], "/unique/email=b is not claimed by row 2"),
    ("SET /unique/email=b", &["1"], "/unique/email=b is not claimed by row 2 but by Some(\"1\")"),
    ("PERSIST /unique/email=a", &[], "/unique/email=a expires at -1, its row 1 at "),
    ("PEXPIRE :1", &["100000"], "/expiry has row 1 at "),
    ("ZREM /expiry", &["1"], "only one of /expiry and /entries has row 1"),
    ("HDEL /entries", &["1"], "/entries lists None of row 1"),
    ("HSET /entries", &["1", "\x02\x01a\x01b"], "/entries lists "),
    ("SET :2", &["hello"], ":2 is no JSON object"),
    ("SADD /built", &["/by/note:text"], "/by/note:text is complete, which the schema does not maintain"),
    ("SET /sequence", &["1"], "/sequence is 1"),
    ("SET /other", &["1"], "/other is none of the layout's keys"),
];

on_both_redis! {
    async fn the_checker_of_the_layout_finds_what_is_spoilt(store: Store) {
        let (repo, servers) = (&store.repo, store.servers());
        let schemas = [User::META, Session::META, Item::META];
        let user = |id, email: &str| User { id, email: email.to_owned(), ..User::default() };
        for (command, arguments, problem) in SPOILT {
            servers.drop_keys(&format!("{{{}.*", store.prefix()));
            repo.insert(user(1, "a")).ttl(Duration::from_secs(3600)).await.unwrap();
            repo.insert(user(2, "b")).await.unwrap();
            let session = Session { user_id: 1, device: "x:y".into(), token: Some(Uuid::from_u128(7)), ..Session::default() };
            repo.insert(Session { expires_at: Some(moment(1)), ..session }).await.unwrap();
            repo.insert(Item { id: Uuid::from_u128(3), ..Item::default() }).await.unwrap();
            layout::check(&store, &schemas);

            let (name, key) = command.split_once(' ').unwrap();
            let mut spoil = redis::cmd(name);
            spoil.arg(format!("{{{}.users}}{key}", store.prefix())).arg(arguments);
            servers.command::<redis::Value>(&spoil);
            let problems = layout::problems(&store, &schemas);
            assert!(problems.iter().any(|known| known.contains(problem)), "{command} {arguments:?}: {problems:#?}");
        }
        servers.command::<()>(redis::cmd("SET").arg(format!("{{{}.others}}:1", store.prefix())).arg("{}"));
        let problems = layout::problems(&store, &schemas);
        assert!(problems.iter().any(|known| known.contains("others} is of no schema")), "{problems:#?}");
    }
}
