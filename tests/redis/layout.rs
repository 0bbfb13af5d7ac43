//! What lies in Redis is what `docs/redis.md` says, for other programs.

use peristyle::prelude::*;
use peristyle_tests::{Store, on_both_redis};
use redis::FromRedisValue;
use rust_decimal::Decimal;

#[derive(Clone, Debug, PartialEq, Schema)]
#[schema(table = "people", index(age, name))]
struct Person {
    #[schema(primary_key)]
    id: i64,
    #[schema(unique)]
    email: Option<String>,
    name: String,
    age: i32,
    #[schema(index)]
    balance: Decimal,
    #[schema(index)]
    score: f64,
    visits: i64,
}

fn person(id: i64, email: Option<&str>, name: &str, age: i32, balance: &str, score: f64) -> Person {
    let (email, balance) = (email.map(str::to_owned), balance.parse().unwrap());
    Person { id, email, name: name.to_owned(), age, balance, score, visits: 9_007_199_254_740_993 }
}

fn ask<T: FromRedisValue>(store: &Store, name: &str, key: &str, arguments: &[&[u8]]) -> T {
    let mut command = redis::cmd(name);
    command.arg(format!("{{{}.people}}{key}", store.prefix()));
    arguments.iter().for_each(|argument| {
        command.arg(*argument);
    });
    store.servers().command(&command)
}

/// The keys of the rows that an index has, in its order: what follows the last zero byte of a member.
fn order(store: &Store, index: &str) -> Vec<String> {
    let members: Vec<Vec<u8>> = ask(store, "ZRANGE", index, &[b"0", b"-1"]);
    let key = |member: &Vec<u8>| member.rsplit(|byte| *byte == 0).next().map(<[u8]>::to_vec);
    members.iter().filter_map(key).map(|key| String::from_utf8(key).unwrap()).collect()
}

on_both_redis! {
    async fn a_row_its_members_and_its_claims_lie_as_documented(store: Store) {
        let repo = &store.repo;
        repo.insert(person(42, Some("ada@example.com"), "Ada", 36, "0.10", 1.5)).await.unwrap();
        let row: String = ask(&store, "GET", ":42", &[]);
        let documented = r#"{"id":42,"email":"ada@example.com","name":"Ada","age":36,"balance":"0.10","score":1.5,"visits":"9007199254740993"}"#;
        assert_eq!(row, documented);
        assert_eq!(ask::<String>(&store, "GET", "/unique/email=ada@example.com", &[]), "42");
        let members: Vec<Vec<u8>> = ask(&store, "ZRANGE", "/by/age:int,name:text", &[b"0", b"-1"]);
        let member = b"\x02\x80\x00\x00\x00\x00\x00\x00$\x02Ada\x00\x01\x02\x80\x00\x00\x00\x00\x00\x00*\x0042";
        assert_eq!(members, [member.to_vec()]);
        let mut keys = store.keys();
        let tag = format!("{{{}.people}}", store.prefix());
        keys.iter_mut().for_each(|key| *key = key.replacen(&tag, "", 1));
        let beside = ["/built", "/by/age:int,name:text", "/by/balance:decimal", "/by/email:text", "/by/score:float", "/keys"];
        let mut documented = beside.to_vec();
        documented.extend(["/unique/email=ada@example.com", ":42"]);
        keys.retain(|key| key != "/sequence");
        assert_eq!(keys, documented);

        repo.delete(repo.get::<Person>(42).await.unwrap().unwrap()).await.unwrap();
        let mut keys = store.keys();
        keys.retain(|key| !key.ends_with("/built") && !key.ends_with("/sequence"));
        assert_eq!(keys, Vec::<String>::new());
    }

    async fn indexes_are_in_the_order_of_their_values(store: Store) {
        let people = [
            person(1, None, "b", 36, "-0.5", f64::INFINITY),
            person(2, Some("z"), "a\0", 36, "10", -0.0),
            person(3, Some(""), "a", 36, "9.99", f64::NAN),
            person(4, Some("a"), "", -7, "0.00", -1e300),
            person(5, None, "z", 2_000, "-12", 5e-324),
        ];
        for person in people {
            store.repo.insert(person).await.unwrap();
        }
        assert_eq!(order(&store, "/keys"), ["1", "2", "3", "4", "5"]);
        assert_eq!(order(&store, "/by/age:int,name:text"), ["4", "3", "2", "1", "5"]);
        assert_eq!(order(&store, "/by/balance:decimal"), ["5", "1", "4", "3", "2"]);
        assert_eq!(order(&store, "/by/score:float"), ["4", "2", "5", "1", "3"]);
        assert_eq!(order(&store, "/by/email:text"), ["1", "5", "3", "4", "2"]);
    }

    async fn what_another_program_adds_to_a_row_is_kept_byte_for_byte(store: Store) {
        let repo = &store.repo;
        repo.insert(person(42, None, "Ada", 36, "1", 0.5)).await.unwrap();
        let row = r#"{"later": {"exact":0.10, "list":[ ]},"id":42,"name":"Ada","age":36,"balance":1.50,"score":1,"visits":1.0}"#;
        ask::<()>(&store, "SET", ":42", &[row.as_bytes()]);
        let read = repo.get::<Person>(42).await.unwrap().unwrap();
        assert_eq!((read.balance.to_string(), read.score, read.visits), ("1.50".to_owned(), 1.0, 1));
        repo.update_all(Person::query().filter(|p| p.id.eq(42)), |p| p.name.set("Ada L.")).await.unwrap();
        let row: String = ask(&store, "GET", ":42", &[]);
        let expected = r#"{"id":42,"name":"Ada L.","age":36,"balance":1.50,"score":1,"visits":1.0,"later":{"exact":0.10, "list":[ ]}}"#;
        assert_eq!(row, expected);
    }

    async fn a_row_that_another_program_spoilt_is_an_error_that_names_it(store: Store) {
        let repo = &store.repo;
        repo.insert(person(42, None, "Ada", 36, "1", 0.5)).await.unwrap();
        ask::<()>(&store, "SET", ":42", &[br#"{"id":42,"name":"Ada","age":"old","balance":"1","score":1,"visits":1}"#]);
        let error = repo.get::<Person>(42).await.unwrap_err().to_string();
        let expected = r#"cannot read Person.age of people:42: expected i32, found the text "old""#;
        assert!(error.starts_with(expected), "{error}");
        ask::<()>(&store, "SET", ":42", &[b"hello"]);
        let error = repo.get::<Person>(42).await.unwrap_err().to_string();
        assert!(error.contains("people:42") && error.contains("no JSON object"), "{error}");
        assert!(!error.contains("hello"), "{error}");
        let error = repo.all(Person::query().filter(|p| p.age.eq(36))).await.unwrap_err().to_string();
        assert!(error.contains("people:42") && error.contains("no JSON object"), "{error}");
    }
}
