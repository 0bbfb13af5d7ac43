//! Prefixes: whose tables are read and written. Each store has the tables twice, in `north` and in `south`.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::{ddl, on_every_database};

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = required)]
struct Customer {
    id: i64,
    name: String,
    invoices: HasMany<Invoice>,
    #[schema(through = [invoices, lines])]
    lines: HasMany<Line>,
    #[schema(join_table = "customers_groups")]
    groups: ManyToMany<Group>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = required)]
struct Invoice {
    id: i64,
    customer_id: i64,
    customer: BelongsTo<Customer>,
    lines: HasMany<Line>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = required)]
struct Line {
    id: i64,
    invoice_id: i64,
    amount: i32,
    invoice: BelongsTo<Invoice>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = required)]
struct Group {
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = required, table = "customers_groups", primary_key(customer_id, group_id))]
struct Membership {
    customer_id: i64,
    group_id: i64,
}

/// The same table, with a prefix of its own.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = "north", table = "groups")]
struct NorthernGroup {
    id: i64,
    name: String,
}

const TABLES: [&str; 5] = [
    "customers ({id}, name {text} not null)",
    "invoices ({id}, customer_id {i64} not null)",
    "lines ({id}, invoice_id {i64} not null, amount {i32} not null)",
    "groups ({id}, name {text} not null)",
    "customers_groups (customer_id {i64} not null, group_id {i64} not null, primary key (customer_id, group_id))",
];

/// A repo whose store has both prefixes, with rows in `north`.
async fn tenants(store: &Store) -> Repo {
    let repo = match store.dialect {
        Dialect::Sqlite => {
            let folder = store.file().parent().unwrap().to_owned();
            let options = Sqlite::options(store.url()).readers(2);
            let options = options.attach("north", folder.join("north.db")).attach("south", folder.join("south.db"));
            options.connect().await.unwrap()
        }
        _ => {
            store.repo.script("create schema north; create schema south").await.unwrap();
            store.repo.clone()
        }
    };
    for prefix in ["north", "south"] {
        for table in TABLES {
            let script = ddl::render(&format!("create table {prefix}.{table}"), store.dialect);
            repo.script(&script).await.unwrap();
        }
    }
    let north = repo.with_prefix("north");
    let group = north.insert(Group { name: "old".into(), ..Group::default() }).await.unwrap();
    for (name, amounts) in [("Ann", [1, 2]), ("Bob", [30, 40])] {
        let customer = north.insert(Customer { name: name.into(), ..Customer::default() }).await.unwrap();
        north.insert(Membership { customer_id: customer.id, group_id: group.id }).await.unwrap();
        let invoice = Invoice { customer_id: customer.id, ..Invoice::default() };
        let invoice = north.insert(invoice).await.unwrap();
        for amount in amounts {
            north.insert(Line { invoice_id: invoice.id, amount, ..Line::default() }).await.unwrap();
        }
    }
    repo
}

fn amounts(lines: &[Line]) -> Vec<i32> {
    lines.iter().map(|line| line.amount).collect()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, schema: &str) {
    let error = result.unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::Query(_)), "{message}");
    assert!(message.contains(schema) && message.contains("repo.with_prefix(\"..\")"), "{message}");
    assert!(message.contains("prefixes.rs"), "{message}");
}

on_every_database! {
    async fn a_repo_of_a_prefix_writes_and_reads_there_alone(store: Store) {
        let repo = tenants(&store).await;
        let [north, south] = ["north", "south"].map(|prefix| repo.with_prefix(prefix));
        let ann = north.find::<Customer>(1).await.unwrap();
        let renamed = north.update(ann.change(|c| c.name.set("Anna"))).await.unwrap();
        assert_eq!(south.count(Customer::query()).await.unwrap(), 0);
        let other = south.insert(Customer { name: "Cleo".into(), ..Customer::default() }).await.unwrap();
        let names = Customer::query().order_by(|c| c.id).select(|c| c.name);
        assert_eq!(north.all(&names).await.unwrap(), ["Anna", "Bob"]);
        assert_eq!(south.all(&names).await.unwrap(), ["Cleo"]);
        assert_eq!(north.reload(&renamed).await.unwrap(), Some(renamed.clone()));
        south.delete(other).await.unwrap();
        assert!(matches!(south.delete(renamed).await, Err(Error::Stale(_))));
        let rolled_back: Result<(), Error> = north
            .transaction(async |tx| {
                tx.insert(Group { name: "new".into(), ..Group::default() }).await?;
                tx.with_prefix("south").insert(Group { name: "new".into(), ..Group::default() }).await?;
                Err(Error::rollback("no"))
            })
            .await;
        assert!(rolled_back.is_err());
        assert_eq!((north.count(Group::query()).await.unwrap(), south.count(Group::query()).await.unwrap()), (1, 0));
    }

    async fn a_prefix_reaches_preloads_selections_joins_join_tables_and_subqueries(store: Store) {
        let repo = tenants(&store).await;
        let north = repo.with_prefix("north");
        for (repo, query) in [(&north, Customer::query()), (&repo, Customer::query().prefix("north"))] {
            let query = query.order_by(|c| c.id);
            let preloaded = query
                .clone()
                .preload(|c| (c.invoices().preload(|i| (i.lines().order_by(|l| l.id), i.customer())), c.groups()))
                .preload(|c| c.lines().order_by(|l| l.amount.desc()).limit(1));
            let rows = repo.all(&preloaded).await.unwrap();
            let invoices = rows[1].invoices.get().unwrap();
            assert_eq!(amounts(invoices[0].lines.get().unwrap()), [30, 40]);
            assert_eq!(invoices[0].customer.get().unwrap().name, "Bob");
            assert_eq!(rows[0].groups.get().unwrap()[0].name, "old");
            assert_eq!(amounts(rows[0].lines.get().unwrap()), [2]);

            let lists = query.clone().select(|c| {
                (c.name, c.lines().order_by(|l| l.id).select(|l| l.amount).collect(), c.groups().count())
            });
            let expected = [("Ann".to_owned(), vec![1, 2], 1), ("Bob".to_owned(), vec![30, 40], 1)];
            assert_eq!(repo.all(&lists).await.unwrap(), expected);

            let rich = query.clone().filter(|c| c.lines().any(|l| l.amount.gt(10)) & c.groups().exists());
            assert_eq!(repo.all(rich.select(|c| c.name)).await.unwrap(), ["Bob"]);
            let joined = query.clone().join(|c| c.groups()).join_preload(|(c, _)| c.invoices());
            let joined = repo.all(&joined).await.unwrap();
            assert_eq!(joined[0].invoices.get().unwrap().len(), 1);

            let mut streamed = repo.stream(query.clone().preload(|c| c.invoices().preload(|i| i.lines())));
            let first = streamed.next().await.unwrap().unwrap();
            assert_eq!(first.invoices.get().unwrap()[0].lines.get().unwrap().len(), 2);
        }
        let paths = Line::query().prefix("north").filter(|l| l.invoice().customer().name.eq("Ann")).order_by(|l| l.id);
        assert_eq!(amounts(&repo.all(paths).await.unwrap()), [1, 2]);
        let inside = Customer::query().filter(|c| {
            c.id.in_query(Invoice::query().filter(|i| i.lines().any(|l| l.amount.eq(2))).select(|i| i.customer_id))
        });
        assert_eq!(north.count(&inside).await.unwrap(), 1);
        assert_eq!(repo.count(inside.clone().prefix("north")).await.unwrap(), 1);
        assert_eq!(repo.all(inside.clone().prefix("north")).await.unwrap().len(), 1);
        assert!(!repo.exists(inside.clone().prefix("south")).await.unwrap());
        let other = Customer::query().prefix("north").filter(|c| {
            exists(Invoice::query_in(&c).prefix("south").filter(|i| i.customer_id.eq(c.id)))
        });
        assert_eq!(repo.all(other).await.unwrap(), []);
        let mut rows = north.all(Customer::query()).await.unwrap();
        north.preload(&mut rows, |c| c.groups()).await.unwrap();
        assert!(rows.iter().all(|row| row.groups.get().unwrap().len() == 1));
        let found = north.all(association_query(&rows[..1], |c| c.invoices())).await.unwrap();
        assert_eq!(found.len(), 1);
    }

    async fn a_preload_s_own_prefix_covers_what_lies_further_in(store: Store) {
        let repo = tenants(&store).await;
        let (north, south) = (repo.with_prefix("north"), repo.with_prefix("south"));
        south.insert(Customer { name: "Ann, who pays in the north".into(), ..Customer::default() }).await.unwrap();
        let query = Customer::query()
            .preload(|c| c.invoices().query(Invoice::query().prefix("north")).preload(|i| i.lines().order_by(|l| l.id)));
        let mut rows = south.all(&query).await.unwrap();
        assert_eq!(amounts(rows[0].invoices.get().unwrap()[0].lines.get().unwrap()), [1, 2]);
        // The same over invoices that are there already.
        let again = south.preload(&mut rows, |c| {
            c.invoices().query(Invoice::query().prefix("north")).preload(|i| i.lines().query(Line::query().filter(|l| l.amount.gt(1))))
        });
        again.await.unwrap();
        assert_eq!(amounts(rows[0].invoices.get().unwrap()[0].lines.get().unwrap()), [2]);
        assert_eq!(north.count(Customer::query()).await.unwrap(), 2);
    }

    async fn reads_and_writes_prefer_the_query_then_the_repo_then_the_schema(store: Store) {
        let repo = tenants(&store).await;
        let south = repo.with_prefix("south");
        let names = NorthernGroup::query().order_by(|g| g.id).select(|g| g.name);
        assert_eq!(repo.all(&names).await.unwrap(), ["old"]);
        assert_eq!(south.all(&names).await.unwrap(), Vec::<String>::new());
        let new = NorthernGroup { name: "new".into(), ..NorthernGroup::default() };
        let row = south.insert(new).await.unwrap();
        assert_eq!(repo.all(&names).await.unwrap(), ["old"]);
        assert_eq!(south.all(&names).await.unwrap(), ["new"]);
        assert_eq!(south.all(names.clone().prefix("north")).await.unwrap(), ["old"]);
        assert_eq!(repo.all(names.clone().prefix("south")).await.unwrap(), ["new"]);
        let row = south.update(row.change(|g| g.name.set("newer"))).await.unwrap();
        assert_eq!(south.find::<NorthernGroup>(row.id).await.unwrap(), row);
        south.delete(row).await.unwrap();
        assert_eq!(south.count(&names).await.unwrap(), 0);
        assert_eq!(repo.count(&names).await.unwrap(), 1);
    }

    async fn a_schema_that_requires_a_prefix_refuses_reads_and_writes_without_one(store: Store) {
        let repo = tenants(&store).await;
        let ann = repo.with_prefix("north").find::<Customer>(1).await.unwrap();
        refused(repo.all(Customer::query()).await, "Customer");
        refused(repo.get::<Customer>(1).await, "Customer");
        refused(repo.count(Customer::query()).await, "Customer");
        refused(repo.reload(&ann).await, "Customer");
        refused(repo.insert(Customer { name: "nobody's".into(), ..Customer::default() }).await, "Customer");
        refused(repo.update(ann.clone().change(|c| c.name.set("nobody's"))).await, "Customer");
        refused(repo.delete(ann.clone()).await, "Customer");
        refused(repo.stream(Customer::query()).next().await.unwrap(), "Customer");
        let mut rows = [ann];
        refused(repo.preload(&mut rows, |c| c.groups()).await, "Group");
        let inside = Invoice::query().select(|i| i.customer_id);
        let query = NorthernGroup::query().filter(|g| g.id.in_query(inside));
        refused(repo.all(&query).await, "Invoice");
        let joined = NorthernGroup::query().join_on::<Customer>(|(g, c)| g.id.eq(c.id));
        refused(repo.all(joined).await, "Customer");
        let result = repo.transaction(async |tx| tx.insert(Group::default()).await).await;
        refused(result, "Group");
        assert!(Customer::query().to_sql(store.dialect).unwrap_err().to_string().contains("with_prefix"));
    }
}

on_sqlite! {
    async fn what_cannot_be_attached_is_refused(store: Store) {
        let refused = async |name: &str, path: &str| {
            let options = Sqlite::options(store.url()).attach(name, path);
            options.connect().await.map(|_| ()).unwrap_err().to_string()
        };
        let memory = refused("south", ":memory:").await;
        assert!(memory.contains("attach a file"), "{memory}");
        let missing = refused("south", "/no/such/folder/south.db").await;
        assert!(missing.contains("create it first"), "{missing}");
        let twice = Sqlite::options("sqlite::memory:").attach("a", ":memory:").attach("a", ":memory:").connect().await;
        assert!(matches!(twice, Err(Error::Connect(_))));
    }

    async fn an_attached_database_is_there_for_writers_and_readers_of_every_name(store: Store) {
        let path = store.file().with_file_name("other.db");
        let repo = Sqlite::options(store.url()).readers(2).attach("we\"ird ' name", path).connect().await.unwrap();
        repo.script("create table \"we\"\"ird ' name\".groups (id integer primary key, name text not null)").await.unwrap();
        let weird = repo.with_prefix("we\"ird ' name");
        weird.transaction(async |tx| tx.insert(Group { name: "a".into(), ..Group::default() }).await).await.unwrap();
        assert_eq!(weird.count(Group::query()).await.unwrap(), 1);
        let read = weird.transaction_with(TransactionOptions::read_only(), async |tx| tx.count(Group::query()).await);
        assert_eq!(read.await.unwrap(), 1);
    }
}
