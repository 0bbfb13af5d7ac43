//! A limit, an offset, an order and a filter of a preload are those of each parent: as a loop over all rows has it.

use super::*;
use peristyle::prelude::*;
use peristyle_tests::count;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "makers")]
struct Maker {
    id: i64,
    floor: i32,

    parts: HasMany<Part>,
    #[schema(join_table = "makers_labels")]
    labels: ManyToMany<Label>,
    #[schema(through = [parts, labels])]
    parts_labels: HasMany<Label>,
    #[schema(through = [labels, parts])]
    labels_parts: HasMany<Part>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "parts")]
struct Part {
    id: i64,
    rank: i32,
    maker_id: Option<i64>,

    #[schema(join_table = "parts_labels")]
    labels: ManyToMany<Label>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "labels")]
struct Label {
    id: i64,
    rank: i32,

    #[schema(join_table = "parts_labels")]
    parts: ManyToMany<Part>,
}

const DDL: &str = "
    create table makers ({id}, floor {i32} not null);
    create table parts ({id}, rank {i32} not null, maker_id {i64});
    create table labels ({id}, rank {i32} not null);
    create table makers_labels (maker_id {i64}, label_id {i64});
    create table parts_labels (part_id {i64}, label_id {i64});
";

/// All the rows. Ids count from 1; a pair may be there twice, and may point at nothing.
#[derive(Clone, Debug)]
struct Data {
    floors: Vec<i32>,
    parts: Vec<(i32, Option<i64>)>,
    labels: Vec<i32>,
    makers_labels: Vec<(i64, i64)>,
    parts_labels: Vec<(i64, i64)>,
}

/// What a preload asks for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    limit: Option<u64>,
    offset: Option<u64>,
    order: Order,
    above_floor: bool,
    at_most: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    None,
    Ascending,
    Descending,
}

fn data() -> impl Strategy<Value = Data> {
    let rank = || 0..4_i32;
    (
        vec(rank(), 0..5),
        vec((rank(), option::weighted(0.9, 1..6_i64)), 0..14),
        vec(rank(), 0..7),
        vec((1..6_i64, 1..8_i64), 0..14),
        vec((1..15_i64, 1..8_i64), 0..24),
    )
        .prop_map(|(floors, parts, labels, makers_labels, parts_labels)| Data {
            floors,
            parts,
            labels,
            makers_labels,
            parts_labels,
        })
}

fn asked() -> impl Strategy<Value = Asked> {
    let order = prop_oneof![Just(Order::None), Just(Order::Ascending), Just(Order::Descending)];
    (option::weighted(0.7, 0..4_u64), option::of(0..3_u64), order, any::<bool>(), option::of(0..4_i32))
        .prop_map(|(limit, offset, order, above_floor, at_most)| Asked { limit, offset, order, above_floor, at_most })
}

impl Data {
    fn script(&self) -> String {
        let mut script = "delete from makers; delete from parts; delete from labels; delete from makers_labels; \
                          delete from parts_labels;"
            .to_owned();
        for (index, floor) in self.floors.iter().enumerate() {
            script += &format!("insert into makers (id, floor) values ({}, {floor});", index + 1);
        }
        for (index, (rank, maker)) in self.parts.iter().enumerate() {
            let maker = maker.map_or("null".to_owned(), |maker| maker.to_string());
            script += &format!("insert into parts (id, rank, maker_id) values ({}, {rank}, {maker});", index + 1);
        }
        for (index, rank) in self.labels.iter().enumerate() {
            script += &format!("insert into labels (id, rank) values ({}, {rank});", index + 1);
        }
        for (maker, label) in &self.makers_labels {
            script += &format!("insert into makers_labels values ({maker}, {label});");
        }
        for (part, label) in &self.parts_labels {
            script += &format!("insert into parts_labels values ({part}, {label});");
        }
        script
    }

    /// Parts as pairs of id and rank.
    fn parts(&self) -> impl Iterator<Item = (i64, i32, Option<i64>)> + '_ {
        (1..).zip(&self.parts).map(|(id, (rank, maker))| (id, *rank, *maker))
    }

    fn labels(&self) -> impl Iterator<Item = (i64, i32)> + '_ {
        (1..).zip(self.labels.iter().copied())
    }

    fn parts_of(&self, maker: i64) -> Vec<(i64, i32)> {
        self.parts().filter(|part| part.2 == Some(maker)).map(|(id, rank, _)| (id, rank)).collect()
    }

    /// A label is there as often as the join table says.
    fn labels_of(&self, maker: i64) -> Vec<(i64, i32)> {
        let pairs = self.makers_labels.iter().filter(|pair| pair.0 == maker);
        pairs.flat_map(|pair| self.labels().filter(|label| label.0 == pair.1)).collect()
    }

    /// A label is there once, however many parts have it.
    fn parts_labels_of(&self, maker: i64) -> Vec<(i64, i32)> {
        let parts = self.parts_of(maker);
        let has = |label: i64| parts.iter().any(|part| self.parts_labels.contains(&(part.0, label)));
        self.labels().filter(|label| has(label.0)).collect()
    }

    /// A part is there once, however many labels lead to it.
    fn labels_parts_of(&self, maker: i64) -> Vec<(i64, i32)> {
        let labels = self.labels_of(maker);
        let has = |part: i64| labels.iter().any(|label| self.parts_labels.contains(&(part, label.0)));
        self.parts().filter(|part| has(part.0)).map(|(id, rank, _)| (id, rank)).collect()
    }
}

impl Asked {
    /// What is left of a parent's rows, which are pairs of id and rank.
    fn naive(self, mut rows: Vec<(i64, i32)>, floor: i32) -> Vec<i64> {
        rows.retain(|(_, rank)| !self.above_floor || *rank >= floor);
        rows.retain(|(_, rank)| self.at_most.is_none_or(|most| *rank <= most));
        match self.order {
            Order::None => rows.sort_by_key(|(id, _)| *id),
            Order::Ascending => rows.sort_by_key(|(id, rank)| (*rank, *id)),
            Order::Descending => rows.sort_by_key(|(id, rank)| (-*rank, -*id)),
        }
        let size = |count: u64| usize::try_from(count).unwrap();
        let rows = rows.into_iter().skip(size(self.offset.unwrap_or(0)));
        rows.take(self.limit.map_or(usize::MAX, size)).map(|(id, _)| id).collect()
    }

    /// The ids that a preload gave. Without an order and a limit, theirs is not said.
    fn given(self, ids: impl Iterator<Item = i64>) -> Vec<i64> {
        let mut ids: Vec<i64> = ids.collect();
        if self.order == Order::None && self.limit.is_none() && self.offset.is_none() {
            ids.sort_unstable();
        }
        ids
    }
}

/// The association with what is asked of it.
macro_rules! with {
    ($asked:expr, $maker:expr, $association:ident) => {{
        let (asked, maker) = ($asked, $maker);
        let rows = maker.$association();
        let rows = if asked.above_floor { rows.filter(|row| row.rank.gte(maker.floor)) } else { rows };
        let rows = match asked.at_most {
            Some(most) => rows.filter(|row| row.rank.lte(most)),
            None => rows,
        };
        let rows = match asked.order {
            Order::None => rows,
            Order::Ascending => rows.order_by(|row| (row.rank, row.id)),
            Order::Descending => rows.order_by(|row| (row.rank.desc(), row.id.desc())),
        };
        let rows = match asked.limit {
            Some(limit) => rows.limit(limit),
            None => rows,
        };
        match asked.offset {
            Some(offset) => rows.offset(offset),
            None => rows,
        }
    }};
}

/// For `.map_err(..)` in a check.
fn fail(error: peristyle::Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

async fn agrees(repo: &Repo, data: &Data, asked: Asked) -> Result<(), TestCaseError> {
    repo.script(data.script()).await.map_err(fail)?;
    let query = Maker::query().order_by(|m| m.id).preload(|m| {
        (with!(asked, m, parts), with!(asked, m, labels), with!(asked, m, parts_labels), with!(asked, m, labels_parts))
    });
    let (makers, statements) = repo.capture(async |repo| repo.all(query).await).await.map_err(fail)?;
    prop_assert_eq!(makers.len(), data.floors.len());
    prop_assert_eq!(statements.len(), if makers.is_empty() { 1 } else { 5 });
    for maker in &makers {
        let given = [
            asked.given(maker.parts.get().map_err(fail)?.iter().map(|part| part.id)),
            asked.given(maker.labels.get().map_err(fail)?.iter().map(|label| label.id)),
            asked.given(maker.parts_labels.get().map_err(fail)?.iter().map(|label| label.id)),
            asked.given(maker.labels_parts.get().map_err(fail)?.iter().map(|part| part.id)),
        ];
        let expected = [
            asked.naive(data.parts_of(maker.id), maker.floor),
            asked.naive(data.labels_of(maker.id), maker.floor),
            asked.naive(data.parts_labels_of(maker.id), maker.floor),
            asked.naive(data.labels_parts_of(maker.id), maker.floor),
        ];
        prop_assert_eq!(given, expected, "of maker {}", maker.id);
        let whole = asked.limit.is_none() && asked.offset.is_none() && !asked.above_floor && asked.at_most.is_none();
        prop_assert_eq!(maker.parts.is_complete(), whole);
        prop_assert_eq!(maker.labels.is_complete(), whole);
        prop_assert_eq!(maker.parts_labels.is_complete(), whole);
    }
    collects(repo, &makers, asked).await
}

/// The same rows as lists in a selection.
async fn collects(repo: &Repo, makers: &[Maker], asked: Asked) -> Result<(), TestCaseError> {
    let query = Maker::query().order_by(|m| m.id).select(|m| {
        (
            m.id,
            with!(asked, m, parts).select(|part| part.id).collect(),
            with!(asked, m, labels).select(|label| label.id).collect(),
            with!(asked, m, parts_labels).select(|label| label.id).collect(),
        )
    });
    let rows = repo.all(query).await.map_err(fail)?;
    prop_assert_eq!(rows.len(), makers.len());
    for (maker, (id, parts, labels, parts_labels)) in makers.iter().zip(rows) {
        prop_assert_eq!(id, maker.id);
        let loaded = [
            asked.given(maker.parts.get().map_err(fail)?.iter().map(|part| part.id)),
            asked.given(maker.labels.get().map_err(fail)?.iter().map(|label| label.id)),
            asked.given(maker.parts_labels.get().map_err(fail)?.iter().map(|label| label.id)),
        ];
        let collected = [parts, labels, parts_labels].map(|ids| asked.given(ids.into_iter()));
        prop_assert_eq!(collected, loaded, "collected for maker {}", id);
    }
    Ok(())
}

on_sql_stores! {
    async fn limits_of_each_parent_agree_with_a_loop(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let config = Config { cases: count(48, 3_000), failure_persistence: None, ..Config::default() };
        let handle = Handle::current();
        let outcome = block_in_place(|| {
            let check = |(data, asked): (Data, Asked)| handle.block_on(agrees(repo, &data, asked));
            TestRunner::new(config).run(&(data(), asked()), check).map_err(|failure| failure.to_string())
        });
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    }
}
