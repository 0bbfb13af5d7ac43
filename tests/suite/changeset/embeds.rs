//! Embedded structs in changesets, and changesets of structs without a table.

use super::schemas::{Item, ItemColor, Order, TABLES};
use super::*;
use peristyle::prelude::*;
use serde_json::json;

/// An order with a link, whose embedded structs and associations change together.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "orders")]
struct LinkedOrder {
    id: i64,
    label: Option<String>,
    #[schema(embed)]
    item: Option<Item>,
    permalink_id: Option<i64>,
    permalink: BelongsTo<Option<Link>>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "permalinks")]
struct Link {
    id: i64,
    title: Option<String>,
    user_id: Option<i64>,
    user: BelongsTo<Option<super::schemas::User>>,
}

fn item(params: peristyle::changeset::ChildParams<Item>, _: usize) -> Changeset<Item> {
    params
        .cast(|i| (i.price, i.valid_at))
        .validate_required(|i| i.price)
        .cast_embed(|i| i.primary_color, |color, _| color.cast(|c| c.name))
}

fn messages<S: peristyle::changeset::Changeable>(changeset: &Changeset<S>) -> serde_json::Value {
    serde_json::to_value(changeset.errors()).unwrap()
}

#[test]
fn a_struct_without_a_table_is_cast_validated_and_applied() {
    let good =
        Changeset::<Item>::new().cast(&json!({"price": "7", "valid_at": "2026-01-02"}), |i| (i.price, i.valid_at));
    let item = good.apply().unwrap();
    assert_eq!((item.price, item.valid_at.unwrap().to_string().as_str()), (Some(7), "2026-01-02"));
    let bad = Changeset::of(item).cast(&json!({"price": ""}), |i| i.price).validate_required(|i| i.price);
    assert_eq!(messages(&bad), json!({"price": ["can't be blank"]}));
}

#[test]
fn embedded_structs_are_cast_with_errors_under_their_names() {
    let params = json!({"item": {"price": "x", "primary_color": {"name": 7}}, "items": [{"price": 1}, {"price": ""}]});
    let changeset =
        Changeset::<Order>::new().cast(&params, |o| o.label).cast_embed(|o| o.item, item).cast_embed(|o| o.items, item);
    assert_eq!(
        messages(&changeset),
        json!({
            "item": {"price": ["is invalid"], "primary_color": {"name": ["is invalid"]}},
            "items": [{}, {"price": ["can't be blank"]}],
        })
    );
    assert!(!changeset.is_valid());
}

#[test]
fn an_embedded_struct_that_is_there_is_changed_and_null_takes_it_away() {
    let order = Order { item: Some(Item { price: Some(1), ..Item::default() }), ..Order::default() };
    let cast = |params: serde_json::Value| {
        Changeset::of(order.clone()).cast(&params, |o| o.label).cast_embed(|o| o.item, item)
    };
    let changed = cast(json!({"item": {"valid_at": "2026-01-02"}}));
    assert_eq!(changed.changed(), ["item"]);
    let kept = changed.apply().unwrap().item.unwrap();
    assert_eq!((kept.price, kept.valid_at.is_some()), (Some(1), true));
    assert_eq!(cast(json!({"item": null})).apply().unwrap().item, None);
    assert!(cast(json!({"item": {"price": 1}})).changed().is_empty());
    assert!(cast(json!({})).changed().is_empty());
    assert_eq!(messages(&cast(json!({"item": [1]}))), json!({"item": ["is invalid"]}));
}

#[test]
fn an_embed_cannot_be_cast_as_a_plain_field() {
    let changeset = Changeset::<Order>::new().cast(&json!({"item": {}}), |o| o.item);
    let error = changeset.apply().unwrap_err();
    assert_eq!(
        error.to_string(),
        "Order.item is an embedded struct: cast it with .cast_embed(..), which reads its fields one by one"
    );
}

on_every_store! {
    async fn embedded_structs_are_put_stored_and_replaced(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let red = Item { price: Some(1), primary_color: Some(ItemColor::named("red")), ..Item::default() };
        let changeset = Changeset::<Order>::new().put_embed(|o| o.item, red.clone()).put_embed(|o| o.items, vec![red.clone(), red.clone()]);
        let order = repo.insert(changeset).await.unwrap();
        assert_eq!((order.item.as_ref(), order.items.as_ref().map(Vec::len)), (Some(&red), Some(2)));
        assert_eq!(repo.find::<Order>(order.id).await.unwrap(), order);
        let blue = Changeset::of(red.clone()).change(|i| i.price.set(2));
        let (order, statements) = repo
            .capture(async |repo| repo.update(Changeset::of(order).put_embed(|o| o.items, vec![blue])).await)
            .await
            .unwrap();
        assert_eq!(statements.len(), 1);
        assert_eq!(order.items.as_ref().unwrap()[0].price, Some(2));
        assert_eq!(repo.find::<Order>(order.id).await.unwrap(), order);
    }
}

on_sql_stores! {
    async fn repo_038_an_embed_stays_a_changeset_when_a_row_beside_it_fails(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let params = json!({"label": "a", "item": {"price": 7}, "permalink": {"user_id": 99}});
        let cast = |changeset: Changeset<LinkedOrder>| {
            changeset
                .cast(&params, |o| o.label)
                .cast_embed(|o| o.item, item)
                .cast_assoc(|o| o.permalink(), |link, _| link.cast(|l| l.user_id).assoc_constraint(|l| l.user()))
        };
        let inserted = repo.insert(cast(Changeset::new())).await.unwrap_err();
        let existing = repo.insert(LinkedOrder { permalink: None.into(), ..LinkedOrder::default() }).await.unwrap();
        let updated = repo.update(cast(Changeset::of(existing))).await.unwrap_err();
        for error in [inserted, updated] {
            let invalid = error.invalid().unwrap_or_else(|| panic!("{error}"));
            assert_eq!(
                serde_json::to_value(invalid.errors()).unwrap(),
                json!({"permalink": {"user": ["does not exist"]}})
            );
            let changeset = invalid.changeset::<LinkedOrder>().unwrap();
            assert_eq!(changeset.get_embed(|o| o.item).unwrap()[0].get_change(|i| i.price), Some(Some(7)));
            assert_eq!(changeset.data().item, None);
        }
        assert_eq!(repo.count(Link::query()).await.unwrap(), 0);
    }
}
