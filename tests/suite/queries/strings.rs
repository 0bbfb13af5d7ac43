//! Thousands of hostile strings, as values and as patterns.

use super::*;
use peristyle_tests::count;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Phrase {
    id: i64,
    #[schema(index)]
    text: String,
}

const PHRASES: &str = "create table phrases ({id}, text {text} not null)";

/// Pieces that matter to SQL, to patterns, or to the encoding of text.
const PIECES: [&str; 30] = [
    "'",
    "''",
    "\"",
    "\\",
    "\\\\",
    "%",
    "_",
    "\\%",
    "\\_",
    "--",
    "/*",
    "*/",
    ";",
    "$1",
    "?1",
    ":a",
    "{}",
    "[1]",
    "E'",
    "x'00'",
    "'; drop table phrases; --",
    "a",
    "A",
    " ",
    "\n",
    "\u{1}",
    "é",
    "e\u{301}",
    "🦀",
    "\u{feff}",
];

/// Text put together from the pieces and from any other characters.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_filter("no NUL", |c| *c != '\0').prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// The same values in every run.
fn sample<T>(strategy: impl Strategy<Value = T>, count: u32) -> Vec<T> {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// A part of one of the texts, or any text.
fn parts(texts: Vec<String>) -> impl Strategy<Value = String> {
    let slice = (prop::sample::select(texts), any::<Index>(), any::<Index>()).prop_map(|(text, from, to)| {
        let characters = Vec::from_iter(text.chars());
        let places = [from.index(characters.len() + 1), to.index(characters.len() + 1)];
        characters[places[0].min(places[1])..places[0].max(places[1])].iter().collect()
    });
    prop_oneof![3 => slice, 1 => hostile()]
}

/// A pattern made of one of the texts, some of whose characters became wildcards; or any text that is a pattern.
fn patterns(texts: Vec<String>) -> impl Strategy<Value = String> {
    let likely = (prop::sample::select(texts), prop::collection::vec(0..8u8, 40)).prop_map(|(text, changes)| {
        let characters = text.chars().zip(changes.into_iter().chain(std::iter::repeat(7)));
        let piece = |(character, change): (char, u8)| match change {
            0 => "%".to_owned(),
            1 => "_".to_owned(),
            2 => format!("%{character}").replace('\\', "\\\\"),
            _ if matches!(character, '%' | '_' | '\\') => format!("\\{character}"),
            3 => format!("\\{character}"),
            _ => character.to_string(),
        };
        characters.map(piece).collect()
    });
    prop_oneof![3 => likely, 1 => hostile()]
        .prop_filter("no escape of nothing", |pattern| matches(&[], &Vec::from_iter(pattern.chars())).is_some())
}

/// What LIKE with `\` as its escape character means; `None` for a pattern that ends with an escape of nothing.
fn matches(text: &[char], pattern: &[char]) -> Option<bool> {
    let mut characters = pattern.iter();
    while let Some(character) = characters.next() {
        if *character == '\\' {
            characters.next()?;
        }
    }
    Some(holds(text, pattern))
}

fn holds(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|start| holds(&text[start..], rest)),
        ['_', rest @ ..] => !text.is_empty() && holds(&text[1..], rest),
        ['\\', plain, rest @ ..] | [plain, rest @ ..] => text.first() == Some(plain) && holds(&text[1..], rest),
    }
}

#[test]
fn the_reference_matcher_knows_its_wildcards() {
    let matches = |text: &str, pattern: &str| matches(&Vec::from_iter(text.chars()), &Vec::from_iter(pattern.chars()));
    for (text, pattern, expected) in [
        ("", "", true),
        ("", "%", true),
        ("", "_", false),
        ("abc", "a%", true),
        ("abc", "%b%", true),
        ("abc", "a_c", true),
        ("abc", "a__c", false),
        ("a%c", "a\\%c", true),
        ("abc", "a\\%c", false),
        ("abc", "\\abc", true),
        ("a\\c", "a\\\\c", true),
        ("ABC", "abc", false),
    ] {
        assert_eq!(matches(text, pattern), Some(expected), "{text:?} like {pattern:?}");
    }
    assert_eq!(matches("a\\", "a\\"), None);
}

/// Stores the texts and gives them as they come back.
async fn stored(store: &Store, texts: &[String]) -> Vec<String> {
    store.create(PHRASES).await;
    let insert = texts.to_vec();
    let inserted = store.repo.transaction(async move |tx| {
        for text in insert {
            tx.insert(Phrase { text, ..Phrase::default() }).await?;
        }
        Ok(())
    });
    inserted.await.unwrap();
    store.repo.all(Phrase::query().order_by(|p| p.id).select(|p| p.text)).await.unwrap()
}

on_every_store! {
    async fn texts_are_stored_and_found_intact(store: Store) {
        let texts = sample(hostile(), count(3_000, 30_000));
        let found = stored(&store, &texts).await;
        assert_eq!(found, texts);
        for text in &texts[..200] {
            let equal = store.repo.count(Phrase::query().filter(|p| p.text.eq(text))).await.unwrap();
            assert_eq!(equal, texts.iter().filter(|other| *other == text).count() as u64, "{text:?}");
        }
        for chunk in texts.chunks(500) {
            let ids = store.repo.count(Phrase::query().filter(|p| p.text.in_(chunk))).await.unwrap();
            assert_eq!(ids, texts.iter().filter(|text| chunk.contains(text)).count() as u64);
            let others = store.repo.count(Phrase::query().filter(|p| p.text.not_in(chunk))).await.unwrap();
            assert_eq!(ids + others, texts.len() as u64);
        }
    }
}

on_sql_stores! {
    async fn the_helpers_of_like_agree_with_those_of_str(store: Store) {
        let texts = sample(hostile(), count(1_000, 10_000));
        stored(&store, &texts).await;
        let found = async |q: Query<Phrase>| store.repo.all(q.order_by(|p| p.id).select(|p| p.text)).await.unwrap();
        for part in sample(parts(texts.clone()), count(500, 10_000)) {
            let expected = |holds: fn(&str, &str) -> bool| {
                Vec::from_iter(texts.iter().filter(|text| holds(text, &part)).cloned())
            };
            let q = Phrase::query().filter(|p| p.text.starts_with(&part));
            assert_eq!(found(q).await, expected(|text, part| text.starts_with(part)), "starts_with({part:?})");
            let q = Phrase::query().filter(|p| p.text.ends_with(&part));
            assert_eq!(found(q).await, expected(|text, part| text.ends_with(part)), "ends_with({part:?})");
            let q = Phrase::query().filter(|p| p.text.contains(&part));
            assert_eq!(found(q).await, expected(|text, part| text.contains(part)), "contains({part:?})");
        }
    }

    async fn like_means_the_same_on_every_store(store: Store) {
        let texts = sample(hostile(), count(1_000, 10_000));
        stored(&store, &texts).await;
        for pattern in sample(patterns(texts.clone()), count(1_200, 20_000)) {
            let q = Phrase::query().filter(|p| p.text.like(&pattern)).order_by(|p| p.id).select(|p| p.text);
            let characters = Vec::from_iter(pattern.chars());
            let holds = |text: &&String| matches(&Vec::from_iter(text.chars()), &characters).unwrap();
            let expected = Vec::from_iter(texts.iter().filter(holds).cloned());
            assert_eq!(store.repo.all(q).await.unwrap(), expected, "like({pattern:?})");
        }
    }

    async fn an_escape_of_nothing_matches_nothing_or_is_refused(store: Store) {
        stored(&store, &["a\\".to_owned(), "a".to_owned()]).await;
        match store.repo.all(Phrase::query().filter(|p| p.text.like("a\\"))).await {
            Ok(rows) => assert_eq!((rows, store.is_postgres()), (vec![], false)),
            Err(error) => assert!(store.is_postgres() && error.to_string().contains("escape character"), "{error}"),
        }
    }

    async fn a_nul_is_stored_or_refused(store: Store) {
        let text = "a\0b".to_owned();
        store.create(PHRASES).await;
        match store.repo.insert(Phrase { text: text.clone(), ..Phrase::default() }).await {
            Ok(phrase) => {
                assert!(!store.is_postgres());
                assert_eq!(store.repo.all(Phrase::query().filter(|p| p.text.eq(&text))).await.unwrap(), [phrase]);
                assert_eq!(store.repo.count(Phrase::query().filter(|p| p.text.in_(["x", &text]))).await.unwrap(), 1);
                assert_eq!(store.repo.count(Phrase::query().filter(|p| p.text.eq("a"))).await.unwrap(), 0);
            }
            Err(error) => assert!(store.is_postgres() && error.to_string().contains("NUL"), "{error}"),
        }
        for q in [Phrase::query().filter(|p| p.text.eq(&text)), Phrase::query().filter(|p| p.text.contains(&text))] {
            match store.repo.count(q).await {
                Ok(_) => assert!(!store.is_postgres()),
                Err(error) => assert!(store.is_postgres() && error.to_string().contains("NUL"), "{error}"),
            }
        }
    }
}
