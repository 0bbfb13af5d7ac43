//! How many statements a preload runs, in which order, and on which connections.

use super::*;
use peristyle::Error;
use peristyle::error::QueryError;
use peristyle::prelude::*;
use schemas::{Comment, Permalink, Post, TABLES, User};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A chain of tables, each row of which has a parent in the one before.
macro_rules! chain {
    ($($name:ident, $table:literal => $child:ident;)*) => {$(
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = $table)]
        struct $name {
            id: i64,
            #[schema(index)]
            parent_id: i64,

            #[schema(foreign_key = parent_id)]
            children: HasMany<$child>,
        }
    )*};
}
chain! {
    Level0, "level0" => Level1;
    Level1, "level1" => Level2;
    Level2, "level2" => Level3;
    Level3, "level3" => Level4;
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "level4")]
struct Level4 {
    id: i64,
    #[schema(index)]
    parent_id: i64,
}

const ROWS: i64 = 1_000;

/// The parent of a row: some rows have many children, others have none.
fn parent_of(id: i64) -> i64 {
    id * id % ROWS + 1
}

fn levels() -> String {
    let level = |number: i64| {
        format!(
            "create table level{number} (id bigint primary key, parent_id bigint not null);
             create index level{number}_parents on level{number} (parent_id);
             insert into level{number} (id, parent_id)
             with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {ROWS})
             select n, n * n % {ROWS} + 1 from numbers;\n"
        )
    };
    (0..5).map(level).collect()
}

/// The tables that statements read first.
fn tables(statements: &[Statement]) -> Vec<String> {
    let first = |statement: &Statement| {
        let (_, rest) = statement.sql().split_once("FROM \"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    statements.iter().map(first).collect()
}

/// Ann has three posts, each with two comments by Bob, and the first of them with a link.
async fn fill(repo: &Repo) {
    let ann = repo.insert(User::named("ann")).await.unwrap();
    let bob = repo.insert(User::named("bob")).await.unwrap();
    for title in ["1", "2", "3"] {
        let post = repo.insert(Post { author_id: Some(ann.id), ..Post::titled(title) }).await.unwrap();
        for text in ["a", "b"] {
            repo.insert(Comment::on(&post, text).by(&bob)).await.unwrap();
        }
        if title == "1" {
            repo.insert(Permalink { post_id: Some(post.id), user_id: Some(bob.id), ..Permalink::to("x") })
                .await
                .unwrap();
        }
    }
}

/// Siblings on two levels.
fn wide() -> Query<User> {
    User::query().order_by(|u| u.id).preload(|u| {
        (
            u.posts().order_by(|p| p.id).preload(|p| {
                (
                    p.comments().order_by(|c| c.id).preload(|c| c.author()),
                    p.permalink().preload(|l| l.user()),
                    p.author(),
                )
            }),
            u.comments().preload(|c| c.post()),
            u.permalink(),
        )
    })
}

/// The tables of `wide()` in the order of its tree: what is nested comes before the next sibling.
const WIDE: [&str; 10] =
    ["users", "posts", "comments", "users", "permalinks", "users", "users", "comments", "posts", "permalinks"];

/// That everything that `wide()` asks for is there.
fn check_wide(users: &[User]) {
    let [ann, bob] = users else { panic!("{} users", users.len()) };
    let posts = ann.posts.get().unwrap();
    assert_eq!(posts.len(), 3);
    for post in posts {
        assert_eq!(post.author.get().unwrap().unwrap().id, ann.id);
        let comments = post.comments.get().unwrap();
        assert_eq!(comments.iter().map(|c| c.text.as_deref().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(comments.iter().all(|comment| comment.author.get().unwrap().unwrap().id == bob.id));
    }
    assert_eq!(posts[0].permalink.get().unwrap().unwrap().user.get().unwrap().unwrap().id, bob.id);
    assert!(posts[1].permalink.get().unwrap().is_none());
    assert!(bob.posts.get().unwrap().is_empty());
    assert_eq!(bob.comments.get().unwrap().len(), 6);
    assert!(bob.comments.get().unwrap().iter().all(|comment| comment.post.get().unwrap().is_some()));
    assert!(ann.permalink.get().unwrap().is_none());
    assert_eq!(bob.permalink.get().unwrap().unwrap().url.as_deref(), Some("x"));
}

on_sql_stores! {
    async fn four_levels_below_a_thousand_rows_are_four_more_statements(store: Store) {
        store.repo.script(levels()).await.unwrap();
        let query = Level0::query().order_by(|a| a.id).preload(|a| {
            a.children().order_by(|b| b.id).preload(|b| {
                b.children().order_by(|c| c.id).preload(|c| {
                    c.children().order_by(|d| d.id).preload(|d| d.children().order_by(|e| e.id))
                })
            })
        });
        let (roots, statements) = store.repo.capture(async |repo| repo.all(query).await).await.unwrap();
        assert_eq!(tables(&statements), ["level0", "level1", "level2", "level3", "level4"]);
        // Every row of the first level has its children, and every one of these has its own.
        let below = |parent: i64| (1..=ROWS).filter(|id| parent_of(*id) == parent).collect::<Vec<_>>();
        let below: Vec<Vec<i64>> = (0..=ROWS).map(below).collect();
        let expected = |id: i64| below[usize::try_from(id).unwrap()].as_slice();
        assert_eq!(roots.iter().map(|a| a.id).collect::<Vec<_>>(), (1..=ROWS).collect::<Vec<_>>());
        let mut counts = [0_usize; 4];
        for a in &roots {
            let bs = a.children.get().unwrap();
            assert!(bs.iter().map(|b| b.id).eq(expected(a.id).iter().copied()), "below {a:?}");
            counts[0] += bs.len();
            for b in bs {
                let cs = b.children.get().unwrap();
                assert!(cs.iter().map(|c| c.id).eq(expected(b.id).iter().copied()), "below {b:?}");
                counts[1] += cs.len();
                for c in cs {
                    let ds = c.children.get().unwrap();
                    assert!(ds.iter().map(|d| d.id).eq(expected(c.id).iter().copied()), "below {c:?}");
                    counts[2] += ds.len();
                    for d in ds {
                        let es = d.children.get().unwrap();
                        assert!(es.iter().map(|e| e.id).eq(expected(d.id).iter().copied()), "below {d:?}");
                        counts[3] += es.len();
                    }
                }
            }
        }
        assert_eq!(counts, [1_000; 4]);
    }

    /// More keys than SQLite has parameters are one statement still, with a limit of each parent too.
    async fn forty_thousand_parents_are_one_more_statement_each(store: Store) {
        const PARENTS: i64 = 40_000;
        let table = |name: &str| {
            format!(
                "create table {name} (id bigint primary key, parent_id bigint not null);
                 insert into {name} (id, parent_id)
                 with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {PARENTS})
                 select n, {PARENTS} + 1 - n from numbers;
                 create index {name}_parents on {name} (parent_id, id);"
            )
        };
        store.repo.script(table("level0") + &table("level1")).await.unwrap();
        let whole = Level0::query().preload(|a| a.children());
        let limited = Level0::query().preload(|a| a.children().limit(1));
        for query in [whole, limited] {
            let (rows, statements) = store.repo.capture(async |repo| repo.all(query).await).await.unwrap();
            assert_eq!((rows.len(), statements.len()), (40_000, 2));
            for row in &rows {
                let children = row.children.get().unwrap();
                assert!(children.iter().map(|child| child.id).eq([PARENTS + 1 - row.id]), "{row:?}");
            }
        }
    }

    async fn the_same_levels_below_rows_in_hand_are_as_many(store: Store) {
        store.repo.script(levels()).await.unwrap();
        let mut roots = store.repo.all(Level0::query()).await.unwrap();
        let ((), statements) = store
            .repo
            .capture(async |repo| {
                let nested = repo.preload(&mut roots, |a| a.children().preload(|b| b.children().preload(|c| c.children())));
                nested.await
            })
            .await
            .unwrap();
        assert_eq!(tables(&statements), ["level1", "level2", "level3"]);
        let last = roots.iter().flat_map(|a| a.children.get().unwrap()).flat_map(|b| b.children.get().unwrap());
        assert_eq!(last.map(|c| c.children.get().unwrap().len()).sum::<usize>(), 1_000);
    }

    /// Whichever sibling is done first.
    async fn statements_are_seen_in_the_order_of_the_tree(store: Store) {
        store.create(TABLES).await;
        fill(&store.repo).await;
        for _ in 0..20 {
            let (users, statements) = store.repo.capture(async |repo| repo.all(wide()).await).await.unwrap();
            check_wide(&users);
            assert_eq!(tables(&statements), WIDE);
        }
    }

    async fn nothing_is_asked_below_no_rows(store: Store) {
        store.create(TABLES).await;
        let (users, statements) = store.repo.capture(async |repo| repo.all(wide()).await).await.unwrap();
        assert_eq!((users.len(), tables(&statements)), (0, vec!["users".to_owned()]));
        store.repo.insert(User::named("ann")).await.unwrap();
        let (users, statements) = store.repo.capture(async |repo| repo.all(wide()).await).await.unwrap();
        assert_eq!(tables(&statements), ["users", "posts", "comments", "permalinks"]);
        assert_eq!(users[0].posts.get().unwrap().len(), 0);
    }

    /// The transaction's connection is the only one that sees the rows, and the only one that there is.
    async fn in_a_transaction_its_one_connection_reads_everything(store: Store) {
        store.create(TABLES).await;
        let repo = one_connection(&store).await;
        let outcome = repo
            .transaction(async |tx| -> Result<(), Error> {
                fill(&tx).await;
                let (users, statements) = tx.capture(async |tx| tx.all(wide()).await).await?;
                check_wide(&users);
                assert_eq!(tables(&statements), WIDE);
                let mut users = tx.all(User::query().order_by(|u| u.id)).await?;
                tx.preload(&mut users, |u| (u.posts(), u.comments(), u.permalink())).await?;
                assert_eq!((users[0].posts.get()?.len(), users[1].comments.get()?.len()), (3, 6));
                Err(QueryError::new("to roll it back").into())
            })
            .await;
        assert!(outcome.unwrap_err().to_string().contains("to roll it back"));
        assert_eq!(repo.count(User::query()).await.unwrap(), 0);
    }
}

on_every_store! {
    async fn siblings_run_side_by_side_but_not_in_a_transaction(store: Store) {
        store.create(TABLES).await;
        fill(&store.repo).await;
        let most_at_once = async |repo: &Repo| -> Result<usize, Error> {
            let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let slow = {
                let (now, most) = (now.clone(), most.clone());
                move |_: Vec<i64>| {
                    let (now, most) = (now.clone(), most.clone());
                    async move {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(30)).await;
                        now.fetch_sub(1, Ordering::SeqCst);
                        Ok(Vec::<Comment>::new())
                    }
                }
            };
            let query = User::query().preload(|u| {
                (u.comments().with(slow.clone()), u.v2_comments().with(slow.clone()), u.comments().with(slow.clone()))
            });
            repo.all(query).await?;
            Ok(most.load(Ordering::SeqCst))
        };
        assert_eq!(most_at_once(&store.repo).await.unwrap(), 3);
        let inside = store.repo.transaction(async |tx| most_at_once(&tx).await).await.unwrap();
        assert_eq!(inside, 1);
    }

    /// None holds the connection while it waits for another.
    async fn many_preloads_share_one_connection(store: Store) {
        store.create(TABLES).await;
        fill(&store.repo).await;
        let repo = one_connection(&store).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let repo = repo.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        check_wide(&repo.all(wide()).await.unwrap());
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(repo.count(User::query()).await.unwrap(), 2);
    }

    /// A sibling that fails is the error of the whole, and what the others hold is given back.
    async fn a_sibling_that_fails_leaves_the_connection_free(store: Store) {
        store.create(TABLES).await;
        fill(&store.repo).await;
        let repo = one_connection(&store).await;
        for _ in 0..3 {
            let query = User::query().preload(|u| {
                let failing = async |_: Vec<i64>| -> Result<Vec<Comment>, Error> { Err(QueryError::new("the cache is gone").into()) };
                (u.posts().preload(|p| p.comments()), u.comments().with(failing), u.permalink())
            });
            let error = repo.all(query).await.unwrap_err();
            assert!(error.to_string().contains("the cache is gone"), "{error}");
        }
        check_wide(&repo.all(wide()).await.unwrap());
    }
}
