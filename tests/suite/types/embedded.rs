//! Structs and enums kept as JSON, one and many, nested, inside each other.

use super::*;
use chrono::{DateTime, NaiveDate, Utc};
use peristyle::prelude::*;
use peristyle_tests::schemas::{Item, ItemColor, Order, Prefixed, Tag};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Embedded)]
struct Everything {
    flag: bool,
    small: i16,
    medium: Option<i32>,
    large: i64,
    ratio: f64,
    text: String,
    bytes: Vec<u8>,
    uuid: Uuid,
    date: NaiveDate,
    utc: DateTime<Utc>,
    decimal: Decimal,
    json: Json,
    span: Interval,
    texts: Vec<String>,
    holes: Vec<Option<Decimal>>,
    role: Role,
    map: HashMap<String, f64>,
    tree: BTreeMap<String, ItemColor>,
    inner: Option<Shape>,
    shapes: Vec<Shape>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, DbEnum)]
enum Role {
    #[default]
    Member,
    Admin,
}

#[derive(Clone, Debug, Default, PartialEq, Embedded)]
enum Shape {
    #[default]
    Point,
    Circle(f64),
    Segment(i32, i32),
    Named {
        name: String,
        inside: Option<Vec<Shape>>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Profile {
    id: i64,
    #[schema(embed)]
    everything: Everything,
    #[schema(embed)]
    maybe: Option<Everything>,
    #[schema(embed)]
    shape: Option<Shape>,
    #[schema(embed)]
    shapes: Vec<Shape>,
}

const TABLE: &str =
    "create table profiles ({id}, everything {json} not null, maybe {json}, shape {json}, shapes {json} not null)";

fn everything() -> Everything {
    Everything {
        flag: true,
        small: i16::MIN,
        medium: Some(i32::MAX),
        large: i64::MIN,
        ratio: 0.1,
        text: "O'Neill \" \\ 🦀".into(),
        bytes: vec![0, 255],
        uuid: Uuid::max(),
        date: "0001-01-01".parse().unwrap(),
        utc: "2024-02-29T23:59:59.000001Z".parse().unwrap(),
        decimal: "1.10".parse().unwrap(),
        json: json!({"a": [null, 1, {"b": "c"}]}),
        span: Interval { months: -1, days: 2, micros: -3 },
        texts: vec!["".into(), "a".into()],
        holes: vec![None, Some("79228162514264337593543950335".parse().unwrap())],
        role: Role::Admin,
        map: HashMap::from([("foo".into(), 1.0), ("bar".into(), 416_500.0)]),
        tree: BTreeMap::from([("x".into(), ItemColor::named("red"))]),
        inner: Some(Shape::Segment(1, -1)),
        shapes: shapes(),
    }
}

fn shapes() -> Vec<Shape> {
    let inside = Some(vec![Shape::Point, Shape::Named { name: "inner".into(), inside: None }]);
    vec![Shape::Point, Shape::Circle(0.5), Shape::Segment(1, 2), Shape::Named { name: "outer".into(), inside }]
}

fn item(price: i32) -> Item {
    Item { price: Some(price), valid_at: Some("2020-01-01".parse().unwrap()), ..Item::default() }
}

on_every_store! {
    async fn every_type_survives_inside_an_embedded_struct(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let profile = Profile {
            id: 0,
            everything: everything(),
            maybe: Some(everything()),
            shape: Some(Shape::Circle(1.0)),
            shapes: shapes(),
        };
        let full = repo.insert(profile.clone()).await.unwrap();
        assert_eq!(full, Profile { id: full.id, ..profile });
        let empty = repo.insert(Profile::default()).await.unwrap();
        assert_eq!(repo.all(Profile::query().order_by(|p| p.id)).await.unwrap(), [full.clone(), empty.clone()]);
        assert_eq!(repo.find::<Profile>(full.id).await.unwrap().everything.decimal.to_string(), "1.10");
        let by_value = Profile::query()
            .allow_filtering(100)
            .filter(|p| p.id.gt(0) & p.shape.eq(Shape::Circle(1.0)) & p.everything.eq(everything()) & p.shapes.eq(shapes()));
        assert_eq!(repo.only(by_value).await.unwrap(), full);
        assert_eq!(repo.only(Profile::query().filter(|p| p.id.gt(0) & p.maybe.is_null()).allow_filtering(100)).await.unwrap(), empty);
    }
}

on_sql_stores! {
    async fn unknown_keys_are_ignored_and_missing_ones_are_null_or_the_default(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        repo.script(r#"insert into orders (label, item) values ('old', '{"price": 1, "colour": "red"}')"#)
            .await
            .unwrap();
        let order = repo.only(Order::query()).await.unwrap();
        assert_eq!(order.item, Some(Item { price: Some(1), ..Item::default() }));
    }

    async fn type_019_a_map_of_floats_gives_floats_whatever_the_json_says(store: Store) {
        store.create("create table profiles ({id}, levels {json} not null)").await;
        let repo = &store.repo;
        let levels = Levels { by_name: HashMap::from([("foo".into(), 1.0), ("bar".into(), 416_500.0)]) };
        let inserted = repo.insert(Leveled { levels: levels.clone(), ..Default::default() }).await.unwrap();
        assert_eq!(
            repo.only(Leveled::query().filter(|l| l.id.eq(inserted.id)).select(|l| l.levels)).await.unwrap(),
            levels
        );
        repo.script(r#"update profiles set levels = '{"by_name": {"foo": 1, "bar": 416500}}'"#).await.unwrap();
        assert_eq!(repo.only(Leveled::query()).await.unwrap().levels, levels);
    }
}

on_every_store! {
    async fn type_021_one_embed_is_stored_selected_and_replaced(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let order = repo.insert(Order { item: Some(item(10)), ..Default::default() }).await.unwrap();
        assert_eq!(repo.find::<Order>(order.id).await.unwrap().item, Some(item(10)));
        assert_eq!(repo.all(Order::query().select(|o| o.item)).await.unwrap(), [Some(item(10))]);
        let order = repo.update(order.change(|o| o.item.set(item(20)))).await.unwrap();
        assert_eq!(repo.find::<Order>(order.id).await.unwrap().item, Some(item(20)));
    }
}

on_sql_stores! {
    async fn type_027_a_type_of_ones_own_is_stored_in_its_own_form(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let reference = Some(Prefixed("PREFIX-EXAMPLE".into()));
        let order =
            Order { item: Some(Item { reference: reference.clone(), ..Item::default() }), ..Default::default() };
        let order = repo.insert(order).await.unwrap();
        let raw = store.pick("select item from orders", "select item::text from orders");
        let stored: Json = repo.sql::<String>(raw).one().await.unwrap().unwrap().parse().unwrap();
        assert_eq!(stored["reference"], "EXAMPLE");
        assert_eq!(repo.find::<Order>(order.id).await.unwrap().item.unwrap().reference, reference);
    }
}

on_every_store! {
    async fn type_028_no_embed_is_none(store: Store) {
        store.create(schemas::TABLES).await;
        let order = store.repo.insert(Order::default()).await.unwrap();
        assert_eq!(order.item, None);
        assert_eq!(store.repo.get::<Order>(order.id).await.unwrap().unwrap().item, None);
    }

    async fn type_029_many_embeds_are_stored_selected_and_replaced(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let tag = repo.insert(Tag { items: Some(vec![item(10)]), ..Default::default() }).await.unwrap();
        let read = repo.find::<Tag>(tag.id).await.unwrap();
        assert_eq!(read.items.as_deref(), Some(&[item(10)][..]));
        assert_eq!(read.items.unwrap()[0].valid_at, NaiveDate::from_ymd_opt(2020, 1, 1));
        assert_eq!(repo.all(Tag::query().select(|t| t.items)).await.unwrap(), [Some(vec![item(10)])]);
        let tag = repo.update(tag.change(|t| t.items.set(vec![item(20), item(30)]))).await.unwrap();
        assert_eq!(repo.find::<Tag>(tag.id).await.unwrap().items, Some(vec![item(20), item(30)]));
    }

    async fn type_030_no_embeds_are_an_empty_list(store: Store) {
        store.create("create table profiles ({id}, shapes {json})").await;
        let repo = &store.repo;
        let inserted = repo.insert(Drawing::default()).await.unwrap();
        assert_eq!(inserted.shapes, []);
        assert_eq!(repo.get::<Drawing>(inserted.id).await.unwrap().unwrap().shapes, []);
    }

    async fn type_031_embeds_inside_embeds_survive(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let colors = vec![ItemColor::named("blue"), ItemColor::named("")];
        let nested = Item { primary_color: Some(ItemColor::named("red")), secondary_colors: colors, ..item(1) };
        let order =
            Order { item: Some(nested.clone()), items: Some(vec![nested.clone(), item(2)]), ..Default::default() };
        let order = repo.insert(order).await.unwrap();
        let read = repo.find::<Order>(order.id).await.unwrap();
        assert_eq!(read.item.unwrap(), nested);
        assert_eq!(read.items.unwrap()[0].secondary_colors[0].name, "blue");
    }
}

#[derive(Clone, Debug, Default, PartialEq, Embedded)]
struct Levels {
    by_name: HashMap<String, f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "profiles")]
struct Leveled {
    id: i64,
    #[schema(embed)]
    levels: Levels,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "profiles")]
struct Drawing {
    id: i64,
    #[schema(embed)]
    shapes: Vec<Shape>,
}
