//! Queries: how they are planned, what they are refused with, and that their rows are right.

use chrono::{DateTime, Utc};
use peristyle::prelude::*;
use peristyle_tests::{Store, on_both_redis, on_redis};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// The schemas of the section "Queries" of `docs/redis.md`.
#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "visitors")]
struct Visitor {
    id: i64,
    #[schema(index)]
    name: String,
    visits: HasMany<Visit>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "visits", index(visitor_id, seen_at))]
struct Visit {
    #[schema(primary_key)]
    id: i64,
    visitor_id: Option<i64>,
    seen_at: DateTime<Utc>,
    #[schema(index)]
    path: String,
    #[schema(index)]
    cost: Option<Decimal>,
    #[schema(unique)]
    token: String,
    #[schema(index)]
    open: bool,
    note: Option<String>,
    meta: Json,
    visitor: BelongsTo<Option<Visitor>>,
}

const DOCS: &str = include_str!("../../docs/redis.md");

/// The block of text of `docs/redis.md` that follows a line.
fn block(after: &str) -> &'static str {
    let (_, rest) = DOCS.split_once(after).expect("the line is in docs/redis.md");
    let (_, rest) = rest.split_once("```text\n").expect("a block follows");
    rest.split_once("```").expect("it ends").0
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a moment")
}

/// The source of a query on one line.
fn source(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".").replace("( ", "(")
}

/// What is refused: the source of each query, and the message.
macro_rules! refused {
    ($repo:expr; $($query:expr;)*) => {{
        let mut list = String::new();
        $(
            let error = $repo.explain($query).await.expect_err(stringify!($query));
            assert!(error.is_unsupported(), "{error}");
            let message = error.to_string();
            let message = message.lines().next().unwrap_or_default();
            list.push_str(&format!("{}\n    {message}\n", source(stringify!($query))));
        )*
        list
    }};
}

/// How queries are planned: the source of each query, and the plan.
macro_rules! planned {
    ($store:expr; $($query:expr;)*) => {{
        let mut list = String::new();
        let tag = format!("{{{}.", $store.prefix());
        $(
            let plan = $store.repo.explain($query).await.expect(stringify!($query)).to_string().replace(&tag, "{");
            list.push_str(&format!("{}\n", source(stringify!($query))));
            plan.lines().for_each(|line| list.push_str(&format!("    {line}\n")));
        )*
        list
    }};
}

on_redis! {
    async fn what_no_index_answers_is_refused_with_the_attribute_to_add(store: Store) {
        let repo = &store.repo;
        let list = refused! { repo;
            Visit::query().filter(|v| v.note.eq("x"));
            Visit::query().filter(|v| v.path.eq("/")).filter(|v| v.note.is_null());
            Visit::query().filter(|v| v.seen_at.gt(moment(0)));
            Visit::query().filter(|v| v.path.lower().eq("/a"));
            Visit::query().filter(|v| v.path.ends_with(".html"));
            Visit::query().filter(|v| v.path.ilike("/a%"));
            Visit::query().filter(|v| v.meta.is_not_distinct_from(Json::Null));
            Visit::query().order_by(|v| v.note);
            Visit::query().filter(|v| v.visitor_id.eq(7)).order_by(|v| v.note);
            Visit::query().order_by(|v| (v.path, v.cost));
            Visit::query().order_by(|v| (v.path.asc(), v.id.desc()));
            Visit::query().order_by(|v| v.path.length());
            Visit::query().join(|v| v.visitor());
            Visit::query().filter(|v| v.visitor().name.eq("Ada"));
        };
        assert_eq!(list, block("What is refused, and with which words:"), "\n{list}");
    }

    async fn plans_come_as_text_or_json_and_are_not_measured(store: Store) {
        let explain = || store.repo.explain(Visit::query().filter(|v| v.id.eq(7)));
        let json: Json = serde_json::from_str(explain().json().await.unwrap().as_str()).unwrap();
        assert_eq!(json["values"], serde_json::json!(["7"]));
        for (explain, message) in [
            (explain().yaml(), "redis has no plans in YAML: take them as text or as JSON"),
            (explain().analyze(), "redis has no explain(..).analyze(): explain without it, and measure the query itself"),
        ] {
            assert_eq!(explain.await.unwrap_err().to_string().lines().next(), Some(message));
        }
    }

    async fn queries_are_planned_as_the_docs_say(store: Store) {
        let list = planned! { store;
            Visit::query().filter(|v| v.id.eq(7));
            Visit::query().filter(|v| v.id.in_([7, 8])).filter(|v| v.note.eq("x"));
            Visit::query();
            Visit::query().filter(|v| v.visitor_id.eq(7)).order_by(|v| v.seen_at.desc()).limit(10);
            Visit::query().filter(|v| v.visitor_id.in_([7, 8])).order_by(|v| v.seen_at.desc()).limit(10);
            Visit::query().filter(|v| v.path.starts_with("/docs/")).limit(10);
            Visit::query().filter(|v| v.cost.between(Decimal::ONE, Decimal::TEN)).order_by(|v| v.cost);
            Visit::query().filter(|v| v.token.eq("t")).filter(|v| v.note.eq("x"));
            Visit::query().filter(|v| v.path.eq("/") & v.open);
            Visit::query().filter(|v| v.path.eq("/") | v.cost.is_null());
            Visit::query().filter(|v| v.cost.gt(Decimal::ONE)).order_by(|v| v.id).limit(10);
            Visit::query().order_by(|v| v.cost.asc().nulls_last());
            Visit::query().filter(|v| v.path.gt("/a") | (v.path.eq("/a") & v.id.gt(7))).order_by(|v| (v.path, v.id)).limit(10);
            Visit::query().filter(|v| v.path.eq("/")).filter(|v| v.note.eq("x")).allow_filtering(1000);
            Visit::query().filter(|v| v.visitor_id.in_query(Visitor::query().filter(|u| u.name.eq("Ada")).select(|u| u.id)));
        };
        assert_eq!(list, block("What is planned, and how:"), "\n{list}");
    }
}

fn visit(id: i64) -> Visit {
    Visit {
        id,
        visitor_id: Some(id % 3),
        seen_at: moment(id.clamp(0, 1_000_000)),
        path: format!("/docs/{id}"),
        cost: Some(Decimal::new(id, 2)),
        token: format!("token {id}"),
        open: id % 2 == 0,
        note: None,
        meta: Json::Null,
        visitor: BelongsTo::default(),
    }
}

/// Writes visits that differ from the plain one.
async fn write(repo: &Repo, visits: impl IntoIterator<Item = Visit>) {
    repo.insert_all(visits.into_iter().collect::<Vec<_>>()).await.expect("they are written");
}

async fn ids(repo: &Repo, query: Query<Visit>) -> Vec<i64> {
    repo.all(query.select(|v| v.id)).await.expect("the query runs")
}

on_both_redis! {
    async fn numbers_texts_and_nulls_are_ordered_as_values(store: Store) {
        let repo = &store.repo;
        let numbers = [i64::MIN, -9_007_199_254_740_993, -1, 1, 2, 9_007_199_254_740_993, i64::MAX];
        let costs = ["-79228162514264337593543950335", "-0.10", "-0.099", "0", "0.1", "10", "79228162514264337593543950335"];
        let paths = ["", "\0", "\0a", "a", "a\0", "a\0b", "aé"];
        write(repo, numbers.iter().zip(costs).zip(paths).rev().map(|((id, cost), path)| {
            Visit { cost: cost.parse().ok(), path: path.to_owned(), token: id.to_string(), ..visit(*id) }
        })).await;
        assert_eq!(ids(repo, Visit::query()).await, numbers);
        assert_eq!(ids(repo, Visit::query().order_by(|v| v.cost)).await, numbers);
        assert_eq!(ids(repo, Visit::query().order_by(|v| v.path)).await, numbers);
        assert_eq!(ids(repo, Visit::query().order_by(|v| v.path.desc()).limit(2).offset(1)).await, [numbers[5], numbers[4]]);
        assert_eq!(ids(repo, Visit::query().filter(|v| v.id.gt(9_007_199_254_740_992))).await, numbers[5..]);
        assert_eq!(ids(repo, Visit::query().filter(|v| v.cost.between("-0.1".parse::<Decimal>().unwrap(), Decimal::ZERO))).await, numbers[1..4]);
        assert_eq!(ids(repo, Visit::query().filter(|v| v.path.starts_with("a\0"))).await, numbers[4..6]);
        assert_eq!(ids(repo, Visit::query().filter(|v| v.path.eq("a"))).await, numbers[3..4]);
        write(repo, [Visit { cost: None, token: "none".to_owned(), path: "none".to_owned(), ..visit(5) }]).await;
        assert_eq!(ids(repo, Visit::query().order_by(|v| v.cost).limit(1)).await, [5]);
        assert_eq!(ids(repo, Visit::query().order_by(|v| v.cost.asc().nulls_last())).await.last(), Some(&5));
        assert_eq!(ids(repo, Visit::query().order_by(|v| v.cost.desc().nulls_first())).await.first(), Some(&5));
        assert_eq!(ids(repo, Visit::query().filter(|v| v.cost.is_null())).await, [5]);
        assert_eq!(repo.count(Visit::query().filter(|v| v.cost.ne(Decimal::ZERO))).await.unwrap(), 6);
    }

    async fn one_walk_by_key_pages_through_all_rows_once(store: Store) {
        let repo = &store.repo;
        write(repo, (1..58).map(|id| Visit { path: format!("/{}", id % 7), ..visit(id) })).await;
        let (mut seen, mut last) = (Vec::new(), (String::new(), -1i64));
        loop {
            let (path, id) = last.clone();
            let query = Visit::query()
                .filter(|v| v.path.gt(path.as_str()) | (v.path.eq(path.as_str()) & v.id.gt(id)))
                .order_by(|v| (v.path, v.id))
                .limit(10);
            let page = repo.all(query.select(|v| (v.path, v.id))).await.unwrap();
            let Some(end) = page.last() else { break };
            last = end.clone();
            seen.extend(page);
        }
        let mut wanted: Vec<(String, i64)> = (1..58).map(|id| (format!("/{}", id % 7), id)).collect();
        wanted.sort();
        assert_eq!(seen, wanted);
    }

    async fn sets_of_several_indexes_meet_on_the_server(store: Store) {
        let repo = &store.repo;
        write(repo, (1..61).map(visit)).await;
        let query = Visit::query().filter(|v| v.visitor_id.eq(1) & v.open).order_by(|v| v.seen_at.desc()).limit(3);
        assert_eq!(ids(repo, query).await, [58, 52, 46]);
        let query = Visit::query().filter(|v| v.visitor_id.eq(1) | v.path.in_(["/docs/2", "/docs/3"]));
        assert_eq!(repo.count(query.clone()).await.unwrap(), 22);
        assert_eq!(repo.count(query.order_by(|v| v.id).limit(10).offset(18)).await.unwrap(), 4);
        let query = Visit::query().filter(|v| v.visitor_id.in_([0, 1])).order_by(|v| v.seen_at.desc()).limit(3).offset(1);
        assert_eq!(ids(repo, query).await, [58, 57, 55]);
        assert!(repo.exists(Visit::query().filter(|v| v.path.eq("/docs/7") & !v.open)).await.unwrap());
        assert!(!repo.exists(Visit::query().filter(|v| v.path.eq("/docs/7") & v.open)).await.unwrap());
        assert_eq!(ids(repo, Visit::query().filter(|v| v.cost.is_null() | v.cost.lt(Decimal::new(3, 2)))).await, [1, 2]);
    }

    async fn rows_that_a_query_may_not_read_are_not_read(store: Store) {
        let repo = &store.repo;
        write(repo, (1..21).map(|id| Visit { note: (id % 2 == 0).then(|| "even".to_owned()), ..visit(id) })).await;
        let all = || Visit::query().filter(|v| v.note.eq("even")).order_by(|v| v.id);
        let query = |most| all().filter(|v| v.id.gt(0)).allow_filtering(most);
        assert_eq!(ids(repo, query(20)).await.len(), 10);
        assert_eq!(ids(repo, query(9).limit(4)).await, [2, 4, 6, 8]);
        let error = repo.all(query(19)).await.unwrap_err();
        let message = "more than 19 rows of visits have to be read for what no index answers: narrow the query by an indexed \
                       column, add an index over what repo.explain(..) says is filtered or sorted here, or allow more than \
                       .allow_filtering(19)";
        assert_eq!(error.to_string().lines().next(), Some(message));
        let message = "redis has no index of visits that begins with `note`: add #[schema(index)] to Visit.note, or narrow the rows \
                       by an indexed column, and allow reading up to n of them with .allow_filtering(n)";
        let halves = |note: &'static str| Visit::query().filter(move |v| v.path.eq("/docs/1") | v.note.eq(note));
        for query in [all().allow_filtering(20), halves("even").allow_filtering(20)] {
            let error = repo.all(query).await.unwrap_err();
            assert!(error.is_unsupported(), "{error}");
            assert_eq!(error.to_string().lines().next(), Some(message), "though there are no more rows");
        }
        assert!(repo.all(Visit::query().order_by(|v| v.note).allow_filtering(20)).await.unwrap_err().is_unsupported());
        assert_eq!(repo.all(Visit::query().filter(|v| v.id.gt(0)).order_by(|v| v.note).allow_filtering(20)).await.unwrap().len(), 20);
    }

    async fn locks_are_refused_by_name(store: Store) {
        let read = store.repo.transaction(async |tx| tx.find_locked::<Visit>(1, Lock::ForUpdate).await);
        let error = read.await.unwrap_err();
        let message = "redis has no locks on rows: read in a transaction: its commit fails, and can be retried, if another has \
                       changed a row that it read";
        assert_eq!(error.to_string().lines().next(), Some(message));
    }

    async fn preloads_of_a_thousand_parents_have_a_limit_each(store: Store) {
        let repo = &store.repo;
        let visitors = (1..=1000).map(|id| Visitor { id, name: format!("visitor {id}"), visits: HasMany::default() });
        repo.insert_all(visitors.collect::<Vec<_>>()).await.unwrap();
        write(repo, (1..3001).map(|id| Visit { visitor_id: Some(id % 1000 + 1), ..visit(id) })).await;
        let query = Visitor::query().order_by(|u| u.id).preload(|u| u.visits().order_by(|v| v.seen_at.desc()).limit(2));
        let (visitors, statements) = repo.capture(async |repo| repo.all(query).await).await.unwrap();
        assert_eq!((visitors.len(), statements.len()), (1000, 2));
        for visitor in &visitors {
            let visits: Vec<i64> = visitor.visits.get().unwrap().iter().map(|visit| visit.id).collect();
            assert_eq!(visits, if visitor.id == 1 { [3000, 2000] } else { [visitor.id + 1999, visitor.id + 999] });
        }
    }
}

/// A visit that lives until a moment.
#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "leases")]
struct Lease {
    #[schema(primary_key)]
    id: i64,
    #[schema(index)]
    owner: i64,
    expires_at: Option<DateTime<Utc>>,
}

on_both_redis! {
    async fn rows_that_have_expired_are_not_counted_nor_skipped_over(store: Store) {
        let repo = &store.repo;
        let soon = Utc::now() + chrono::TimeDelta::milliseconds(300);
        let lease = |id| Lease { id, owner: 7, expires_at: (id % 2 == 1).then_some(soon) };
        repo.insert_all((1..=20).map(lease).collect::<Vec<_>>()).await.unwrap();
        let mine = || Lease::query().filter(|l| l.owner.eq(7));
        assert_eq!(repo.count(mine()).await.unwrap(), 20);
        // A read that comes in time finds them all; the wait ends with the last of them.
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        while repo.count(mine()).await.unwrap() > 10 {
            assert!(tokio::time::Instant::now() < deadline, "the rows did not expire");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let rest: Vec<i64> = repo.all(mine().order_by(|l| l.id).offset(3).limit(4).select(|l| l.id)).await.unwrap();
        assert_eq!(rest, [8, 10, 12, 14]);
        assert!(!repo.exists(mine().filter(|l| l.id.eq(1))).await.unwrap());
    }
}

on_redis! {
    async fn the_rows_of_a_thousand_parents_are_one_round_trip(store: Store) {
        let repo = &store.repo;
        write(repo, (1..3001).map(|id| Visit { visitor_id: Some(id % 1000), ..visit(id) })).await;
        let commands = Commands::watch(&store);
        let query = Visit::query().filter(|v| v.visitor_id.in_(0..1000i64));
        let rows = repo.all(query).await.unwrap();
        assert_eq!(rows.len(), 3000);
        let commands = commands.seen();
        assert!(commands.iter().all(|command| command.starts_with("evalsha") || command.starts_with("eval")), "{commands:?}");
        assert!((1..=2).contains(&commands.len()), "{commands:?}");
    }
}

/// The commands that a server gets about a store.
struct Commands {
    seen: std::thread::JoinHandle<Vec<String>>,
    servers: peristyle_tests::redis::Servers,
    mark: String,
}

impl Commands {
    fn watch(store: &Store) -> Self {
        let servers = store.servers().clone();
        let (mark, tag) = (format!("{{{}}}/mark", store.prefix()), format!("{{{}.", store.prefix()));
        let (mut connection, end) = (servers.connections().remove(0), mark.clone());
        redis::ConnectionLike::req_packed_command(&mut connection, &redis::cmd("MONITOR").get_packed_command())
            .unwrap();
        let watch = move || {
            let mut seen = Vec::new();
            loop {
                let line = connection.recv_response().expect("MONITOR goes on");
                let line: String = redis::FromRedisValue::from_redis_value(line).expect("a line");
                if line.contains(&end) {
                    return seen;
                }
                let (place, command) = line.split_once("] ").unwrap_or_default();
                if line.contains(&tag) && !place.ends_with("lua") {
                    seen.push(command.trim_start_matches('"').to_lowercase());
                }
            }
        };
        Commands { seen: std::thread::spawn(watch), servers, mark }
    }

    fn seen(self) -> Vec<String> {
        self.servers.command::<Option<String>>(redis::cmd("GET").arg(&self.mark));
        self.seen.join().expect("the watch ends")
    }
}

/// A row whose key has two columns.
#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "seats")]
struct Seat {
    #[schema(primary_key)]
    hall: String,
    #[schema(primary_key)]
    number: i32,
    #[schema(index)]
    taken_by: Option<i64>,
}

on_both_redis! {
    async fn a_key_of_several_columns_is_read_by_its_beginning_and_cut_by_a_limit(store: Store) {
        let repo = &store.repo;
        let seats = (1..=12).map(|number| Seat {
            hall: if number % 2 == 0 { "a:b%" } else { "c" }.to_owned(),
            number,
            taken_by: (number > 6).then_some(i64::from(number % 3)),
        });
        repo.insert_all(seats.collect::<Vec<_>>()).await.unwrap();
        let numbers = async |query: Query<Seat>| repo.all(query.select(|s| s.number)).await.unwrap();
        assert_eq!(numbers(Seat::query().filter(|s| s.hall.eq("a:b%")).order_by(|s| s.number.desc())).await, [12, 10, 8, 6, 4, 2]);
        assert_eq!(numbers(Seat::query().filter(|s| s.hall.eq("c") & s.number.in_([1, 2, 3]))).await, [1, 3]);
        assert_eq!(numbers(Seat::query().filter(|s| s.hall.eq("c") & s.number.gt(5)).limit(2)).await, [7, 9]);
        let taken = Seat::query().filter(|s| s.taken_by.is_not_null()).group_by(|s| s.taken_by);
        let counts = repo.all(taken.order_by(|s| s.taken_by).select(|s| (s.taken_by, count()))).await.unwrap();
        assert_eq!(counts, [(Some(0), 2), (Some(1), 2), (Some(2), 2)]);
        let first = Seat::query().filter(|s| s.hall.eq("c")).order_by(|s| s.number).limit(4);
        assert_eq!(repo.delete_all(first).await.unwrap(), 4);
        assert_eq!(numbers(Seat::query().filter(|s| s.hall.eq("c"))).await, [9, 11]);
        let free = Seat::query().filter(|s| s.hall.eq("a:b%") & s.taken_by.is_null()).select(|s| s.number);
        assert_eq!(numbers(Seat::query().filter(|s| s.hall.eq("a:b%") & s.number.in_query(free))).await, [2, 4, 6]);
    }
}
