//! Two changesets of one row as one.

use super::schemas::{Post, TABLES};
use super::*;
use peristyle::Error;

#[test]
fn merging_has_what_both_have_and_the_other_counts_where_they_differ() {
    let row = Member { name: Some("Ann".into()), ..Member::default() };
    let one = Changeset::of(row.clone())
        .cast(&json!({"name": "Bob", "age": "x", "nick": "b"}), |m| (m.name, m.age, m.nick))
        .validate_required(|m| m.name)
        .validate_length(|m| m.name, 5..);
    let other = Changeset::of(row)
        .cast(&json!({"name": "Cid", "age": "x", "rank": 3}), |m| (m.name, m.age, m.rank))
        .validate_required(|m| (m.name, m.rank))
        .validate_number(|m| m.rank, 5..);
    let merged = one.merge(other);
    assert_eq!(merged.get_change(|m| m.name), Some(Some("Cid".to_owned())));
    assert_eq!(merged.changed(), ["nick", "name", "rank"]);
    assert_eq!(
        serde_json::to_value(merged.params()).unwrap(),
        json!({"name": "Cid", "age": "x", "nick": "b", "rank": 3})
    );
    assert_eq!(
        messages(&merged),
        json!({
            "age": ["is invalid"], "name": ["should be at least 5 character(s)"],
            "rank": ["must be greater than or equal to 5"],
        })
    );
    assert_eq!(merged.required(), ["name", "rank"]);
    let names: Vec<_> = merged.validations().map(|(field, validation)| (field, validation.name())).collect();
    assert_eq!(names, [("name", "length"), ("rank", "number")]);
}

#[test]
fn changesets_that_do_not_belong_together_are_refused() {
    let ann = Member { name: Some("Ann".into()), ..Member::default() };
    let no_empty = EmptyValues::none();
    let refused = [
        Changeset::of(ann.clone()).merge(Changeset::of(Member::default())),
        Changeset::of(ann.clone()).merge(Changeset::build(ann.clone())),
        Changeset::of(ann.clone()).merge(Changeset::of(ann.clone()).empty_values(no_empty.clone())),
        Changeset::of(ann.clone()).merge(Changeset::of(ann.clone()).validate_format(|m| m.name, "(")),
    ];
    for (changeset, hint) in
        refused.into_iter().zip(["different rows", "different rows", "empty_values", "validate_format"])
    {
        let error = changeset.apply().unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains(hint), "{error}");
    }
    let same = |row: Member| Changeset::of(row).empty_values(no_empty.clone());
    assert!(same(ann.clone()).merge(same(ann)).apply().is_ok());
}

on_every_store! {
    async fn constraints_and_what_runs_before_the_write_are_merged(store: Store) {
        store.create(TABLES).await;
        let one = Changeset::build(Post::titled("a")).prepare_changes(async |changeset, _| Ok(changeset.change(|p| p.visits.set(1))));
        let other = Changeset::build(Post::titled("a")).prepare_changes(async |changeset, _| Ok(changeset.change(|p| p.counter.set(2))));
        let post = store.repo.insert(one.merge(other)).await.unwrap();
        assert_eq!((post.visits, post.counter), (Some(1), Some(2)));
        let uuid = uuid::Uuid::from_u128(7);
        let with_uuid = |post: Post| Changeset::build(post).change(|p| p.uuid.set(uuid));
        store.repo.insert(with_uuid(Post::default())).await.unwrap();
        let declared = with_uuid(Post::default()).unique_constraint(|p| p.uuid).with_message("is theirs");
        let error = store.repo.insert(Changeset::build(Post::default()).merge(declared)).await.unwrap_err();
        assert_eq!(serde_json::to_value(error.invalid().unwrap().errors()).unwrap(), json!({"uuid": ["is theirs"]}));
    }
}
