//! Answers that get lost on the way: what was sent is done, and nobody is told.

use peristyle::Error;
use peristyle::adapter::TransactionOptions;
use peristyle::prelude::*;
use peristyle_tests::layout;
use peristyle_tests::own_redis::Server;
use peristyle_tests::redis::Servers;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "notes")]
struct Note {
    id: i64,
    #[schema(unique)]
    text: String,
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned(), ..Note::default() }
}

const PASS: usize = 0;
/// The next answer does not come, and its connection ends.
const CUT: usize = 1;
/// No answer comes.
const SILENCE: usize = 2;

/// Stands between a client and a server.
struct Between {
    port: u16,
    mode: Arc<AtomicUsize>,
}

impl Between {
    fn start(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, mode, to) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(PASS)), server.port);
        let shared = mode.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || pass(from_client, to_server, None));
                let mode = shared.clone();
                std::thread::spawn(move || pass(server, client, Some(&mode)));
            }
        });
        Between { port, mode }
    }

    fn set(&self, mode: usize) {
        self.mode.store(mode, Ordering::SeqCst);
    }

    async fn connect(&self) -> Repo {
        let url = format!("redis://127.0.0.1:{}", self.port);
        peristyle::Redis::options(url).response_timeout(Duration::from_secs(2)).connect().await.unwrap()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mode: Option<&AtomicUsize>) {
    let mut bytes = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        match mode.map_or(PASS, |mode| {
            mode.compare_exchange(CUT, PASS, Ordering::SeqCst, Ordering::SeqCst).unwrap_or_else(|now| now)
        }) {
            CUT => break,
            SILENCE => continue,
            _ if to.write_all(&bytes[..count]).is_err() => break,
            _ => {}
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_has_an_unknown_outcome_and_is_not_run_again() {
    let server = Server::start(&[]);
    let between = Between::start(&server);
    for mode in [CUT, SILENCE] {
        let repo = between.connect().await;
        let first = repo.insert(note(&format!("first {mode}"))).await.unwrap();
        let runs = AtomicUsize::new(0);
        let options = TransactionOptions::default().retries(3);
        let ended = repo.transaction_with(options, async |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            tx.insert(note(&format!("second {mode}"))).await?;
            tx.update(tx.find::<Note>(first.id).await?.change(|n| n.text.set(format!("changed {mode}")))).await?;
            between.set(mode);
            Ok(())
        });
        let error = ended.await.unwrap_err();
        between.set(PASS);
        assert!(matches!(error, Error::CommitUnknown(_)), "{error:?}");
        assert!(error.to_string().contains("may or may not"), "{error}");
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        // It happened, as a whole.
        let repo = between.connect().await;
        let texts = repo.all(Note::query().order_by(|n| n.id.asc()).select(|n| n.text)).await.unwrap();
        assert_eq!(texts[texts.len() - 2..], [format!("changed {mode}"), format!("second {mode}")]);
    }
    let problems = layout::problems_of(&Servers::new(server.url()), None, &[Note::META], 0);
    assert_eq!(problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_not_sent_again_and_a_read_is() {
    let server = Server::start(&[]);
    let between = Between::start(&server);
    let repo = between.connect().await;
    repo.insert(note("first")).await.unwrap();
    let counted = repo.insert(Note { id: 7, ..note("second") });
    between.set(CUT);
    let error = counted.await.unwrap_err();
    assert!(
        matches!(error, Error::Connect(_)) && error.to_string().contains("may or may not have happened"),
        "{error}"
    );
    for _ in 0..2 {
        assert_eq!(repo.find::<Note>(7).await.unwrap().text, "second");
        between.set(CUT);
    }
    assert_eq!(repo.count(Note::query()).await.unwrap(), 2);
    between.set(CUT);
    let error = repo.insert_all(vec![note("third"), note("fourth")]).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert_eq!(repo.count(Note::query()).await.unwrap(), 2, "the keys were to come first");
    let problems = layout::problems_of(&Servers::new(server.url()), None, &[Note::META], 0);
    assert_eq!(problems, [""; 0]);
}
