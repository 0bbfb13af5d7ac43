//! Readers beside a writer, waiting for a connection, and closing.

use super::*;
use peristyle_query::adapter::{Control, TransactionOptions};
use std::task::Wake;
use std::thread::Thread;
use std::time::Duration;

#[tokio::test]
async fn readers_go_on_beside_an_open_write_transaction() {
    let database = Database::with_table(|options| options.readers(2)).await;
    database.execute("INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap();
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    execute(&*session, "INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap();
    let (left, right) = tokio::join!(database.count(), database.count());
    assert_eq!((left, right), (1, 1), "readers see what was committed");
    assert_eq!(count(&*session).await, 2);
    session.control(Control::Commit).await.unwrap();
    assert_eq!(database.count().await, 2);
}

#[tokio::test]
async fn a_reader_is_free_while_another_runs_for_ever() {
    let database = Database::with_table(|options| options.readers(2)).await;
    let mut endless = database.adapter.run(request(ENDLESS_COUNT, vec![]), Box::new(NoRows));
    start(&mut endless);
    for id in 0..100 {
        database.execute("INSERT INTO t VALUES ({}, 1)", vec![Value::I64(id)]).await.unwrap();
        assert_eq!(database.count().await, id + 1);
    }
    drop(endless);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_write_and_read_at_once_without_a_busy_error() {
    let database = Arc::new(Database::with_table(|options| options).await);
    let tasks: Vec<_> = (0..20)
        .map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                for turn in 0..20 {
                    let id = Value::I64(task * 20 + turn);
                    database.execute("INSERT INTO t VALUES ({}, 1)", vec![id.clone()]).await.unwrap();
                    let found = database.one("SELECT count(*) FROM t WHERE id = {}", vec![id], DataType::I64).await;
                    assert_eq!(found.unwrap(), Value::I64(1), "a read after a write sees it");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(database.count().await, 400);
}

#[tokio::test]
async fn waiting_too_long_for_the_writer_is_a_pool_error_with_its_numbers() {
    let database = Database::with_table(|options| options.acquire_timeout(Duration::from_millis(30))).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    for _ in 0..2 {
        let error = database.execute("INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap_err();
        let Error::Pool(pool) = &error else { panic!("{error}") };
        assert_eq!((pool.max_size, pool.size, pool.idle, pool.waiting), (1, 1, 0, 0));
        assert!(pool.waited >= Duration::from_millis(30));
        assert!(error.context().unwrap().location().is_some());
    }
    let error = database.adapter.begin(TransactionOptions::default()).await.err().unwrap();
    assert!(matches!(error, Error::Pool(_)), "{error}");
    drop(session);
    assert_eq!(database.execute("INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap(), 1);
}

#[tokio::test]
async fn cursors_that_hold_all_readers_make_reads_wait() {
    let database = Database::open(|options| options.readers(2).acquire_timeout(Duration::from_millis(30)));
    let mut cursors = Vec::new();
    for _ in 0..2 {
        cursors.push(database.adapter.open(request(ENDLESS, vec![])).await.unwrap());
    }
    let error = database.one("SELECT 1", vec![], DataType::I64).await.unwrap_err();
    assert!(matches!(&error, Error::Pool(pool) if pool.max_size == 2 && pool.idle == 0), "{error}");
    cursors.pop();
    assert_eq!(database.one("SELECT 1", vec![], DataType::I64).await.unwrap(), Value::I64(1));
}

#[tokio::test]
async fn writers_are_served_in_the_order_in_which_they_came() {
    let database = Database::with_table(|options| options).await;
    let session = database.adapter.begin(TransactionOptions::default()).await.unwrap();
    let mut writes = Vec::new();
    for turn in 0..20 {
        let insert = request("INSERT INTO t (v) VALUES ({})", vec![Value::I64(turn)]);
        let mut write = database.adapter.run(insert, Box::new(NoRows));
        start(&mut write);
        writes.push(write);
    }
    drop(session);
    for write in writes {
        write.await.unwrap();
    }
    let order = database.rows("SELECT v FROM t ORDER BY id", vec![], &[DataType::I64]).await.unwrap();
    assert_eq!(order, (0..20).map(|turn| vec![Value::I64(turn)]).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_closed_adapter_refuses_calls_and_leaves_one_file() {
    let database = Database::with_table(|options| options).await;
    database.execute("INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap();
    database.adapter.close().await;
    for error in [
        database.execute("INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap_err(),
        database.rows("SELECT 1", vec![], &[]).await.unwrap_err(),
        database.adapter.begin(TransactionOptions::default()).await.err().unwrap(),
        database.adapter.open(request("SELECT 1", vec![])).await.err().unwrap(),
    ] {
        assert!(error.to_string().contains("closed"), "{error}");
    }
    let files = std::fs::read_dir(database.folder.path()).unwrap().count();
    assert_eq!(files, 1, "the log was folded into the file");
    database.adapter.close().await;
}

#[tokio::test]
async fn databases_in_memory_are_each_their_own_and_serve_reads_and_writes() {
    let adapters = [(); 2].map(|()| Sqlite::options("sqlite::memory:").connect_adapter().unwrap());
    for adapter in &adapters {
        adapter.script("CREATE TABLE t (id INTEGER PRIMARY KEY, v)".into()).await.unwrap();
    }
    execute(&*adapters[0], "INSERT INTO t VALUES (1, 1)", vec![]).await.unwrap();
    assert_eq!(count(&*adapters[0]).await, 1);
    assert_eq!(count(&*adapters[1]).await, 0);
    let session = adapters[0].begin(TransactionOptions::read_only()).await.unwrap();
    let error = execute(&*session, "INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap_err();
    assert!(error.to_string().contains("read-only transaction"), "{error}");
    drop(session);
    assert_eq!(execute(&*adapters[0], "INSERT INTO t VALUES (2, 2)", vec![]).await.unwrap(), 1);
}

/// Waits for a future on a thread without any runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn no_async_runtime_is_needed_not_even_for_the_timeout_and_the_rollback() {
    let database = block_on(Database::with_table(|options| options.acquire_timeout(Duration::from_millis(30))));
    let session = block_on(database.adapter.begin(TransactionOptions::default())).unwrap();
    block_on(execute(&*session, "INSERT INTO t VALUES (1, 1)", vec![])).unwrap();
    let late = block_on(database.execute("INSERT INTO t VALUES (2, 2)", vec![])).unwrap_err();
    assert!(matches!(late, Error::Pool(_)), "{late}");
    drop(session);
    block_on(database.execute("INSERT INTO t VALUES (3, 3)", vec![])).unwrap();
    assert_eq!(block_on(database.count()), 1);
}
