//! What holds for every input.

use super::schemas::{Post, Span, TABLES, Tag, Usec};
use super::*;
use peristyle::changeset::from_form;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Any JSON, with the names of fields among its keys.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
        "[0-9.eE+-]{0,9}".prop_map(Json::from),
        "[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,2}(T[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?Z?)?".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![Just("year".to_owned()), Just("month".to_owned()), Just("day".to_owned()), ".{0,4}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Params with any JSON for each field of a member.
fn any_params() -> impl Strategy<Value = Json> {
    let names: Vec<&str> =
        Member::META.fields.iter().map(|field| field.name).chain(["terms", "password_confirmation"]).collect();
    let object = prop::collection::btree_map(prop::sample::select(names), any_json(), 0..8);
    prop_oneof![4 => object.prop_map(|map| json!(map)), 1 => any_json()]
}

fn validated(changeset: Changeset<Member>) -> Changeset<Member> {
    changeset
        .validate_required(|m| (m.email, m.active))
        .validate_format(|m| m.email, r"^\S+@\S+$")
        .validate_length(|m| m.name, Length::new().min(1).max(5))
        .validate_length(|m| m.extra, 1..)
        .validate_length(|m| m.avatar, ..=3)
        .validate_inclusion(|m| m.role, [Role::Guest])
        .validate_exclusion(|m| m.age, 13..20)
        .validate_subset(|m| m.scores, 1..=5)
        .validate_number(|m| m.ratio, 0..)
        .validate_number(|m| m.share, 0.5..)
        .validate_number(|m| m.balance, Number::new().ne(0))
        .validate_acceptance("terms")
        .validate_confirmation_required(|m| m.password)
        .validate_change(|m| m.nick, |nick| if nick.0.is_ascii() { Ok(()) } else { Err("is odd") })
}

proptest! {
    #[test]
    fn casting_any_json_never_panics_and_every_error_has_a_message(params in any_params()) {
        let changeset = validated(member(params));
        prop_assert_eq!(changeset.is_valid(), changeset.errors().is_empty());
        for (_, error) in changeset.errors().iter() {
            prop_assert!(!error.to_string().contains("%{"), "{error}");
        }
        let form = serde_json::to_value(changeset.form()).unwrap();
        prop_assert!(form["inputs"].as_array().is_some_and(|inputs| inputs.len() > 20));
        let _ = changeset.json_schema().to_string();
        prop_assert_eq!(changeset.is_valid(), changeset.apply().is_ok());
    }

    #[test]
    fn applying_changes_only_what_was_changed(params in any_params()) {
        let row = Member { name: Some("Ann".into()), age: Some(7), pets: Some(vec!["cat".into()]), ..Member::default() };
        let changeset = Changeset::of(row.clone()).cast(&params, |m| (m.email, m.name, m.age, m.born, m.extra, m.pets));
        let changed = changeset.changed();
        let applied = changeset.apply_changes().unwrap();
        for (index, field) in Member::META.fields.iter().enumerate() {
            let same = applied.value(index) == row.value(index);
            prop_assert_eq!(same, !changed.contains(&field.name), "{}", field.name);
        }
    }

    #[test]
    fn any_body_is_params_or_refused(body in prop_oneof![".{0,200}", r"([a-c]?(\[[a-c0-1]?\]){0,3}=[a-z%0-9+]{0,4}&){0,12}"]) {
        let params = from_form(&body).unwrap();
        prop_assert!(params.is_object());
        let _ = member(params);
    }
}

on_every_store! {
    async fn a_valid_changeset_that_is_inserted_reads_back_equal(store: Store) {
        store.create(TABLES).await;
        let texts = "[^\u{0}]{0,20}";
        let strategy = (
            prop::option::of(texts), prop::option::of(any::<i32>()), prop::option::of(any::<bool>()),
            prop::option::of((-9_999_999_i64..9_999_999, 0..6_u32)), prop::option::of(-1e15..1e15_f64),
            prop::option::of((1..9999_i32, 1..367_u32)), prop::option::of(any::<u128>()), prop::option::of(texts),
        );
        let mut runner = TestRunner::deterministic();
        for _ in 0..40 {
            let (title, visits, public, cost, intensity, posted, bid, blob) =
                strategy.new_tree(&mut runner).unwrap().current();
            let params = json!({
                "title": title, "visits": visits, "wrapped_visits": visits.map(|visits| visits.to_string()), "public": public,
                "cost": cost.map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale).to_string()),
                "intensity": intensity,
                "posted": posted.and_then(|(year, day)| chrono::NaiveDate::from_yo_opt(year, day)).map(|day| day.to_string()),
                "bid": bid.map(|bid| uuid::Uuid::from_u128(bid).to_string()),
                "blob": blob, "meta": {"title": title, "visits": visits},
            });
            let changeset = Changeset::<Post>::new().cast(&params, |p| {
                (p.title, p.visits, p.wrapped_visits, p.public, p.cost, p.intensity, p.posted, p.bid, p.blob, p.meta)
            });
            assert!(changeset.is_valid(), "{changeset:?}");
            let post = store.repo.insert(changeset).await.unwrap();
            assert_eq!(store.repo.find::<Post>(post.id).await.unwrap(), post, "{params}");
        }
    }

    async fn times_spans_and_lists_read_back_equal(store: Store) {
        store.create(TABLES).await;
        let strategy = (
            prop::option::of(-60_000_000_000_000_000..60_000_000_000_000_000_i64),
            prop::option::of(prop::collection::vec(any::<i32>(), 0..5)),
            prop::option::of(prop::collection::vec(any::<u128>(), 0..3)),
            prop::option::of((-1_000..1_000_i32, -1_000..1_000_i32, -1_000_000_000_000..1_000_000_000_000_i64)),
        );
        let mut runner = TestRunner::deterministic();
        for _ in 0..30 {
            let (micros, ints, uuids, span) = strategy.new_tree(&mut runner).unwrap().current();
            let moment = micros.and_then(chrono::DateTime::from_timestamp_micros);
            let params = json!({
                "naive_datetime_usec": moment.map(|moment| moment.naive_utc().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
                "utc_datetime_usec": moment.map(|moment| moment.to_rfc3339()),
                "ints": ints, "uuids": uuids.map(|uuids| uuids.into_iter().map(|id| uuid::Uuid::from_u128(id).to_string()).collect::<Vec<_>>()),
                "dur": span.map(|(months, days, micros)| json!({"months": months, "days": days, "micros": micros})),
            });
            let times = Changeset::<Usec>::new().cast(&params, |u| (u.naive_datetime_usec, u.utc_datetime_usec));
            let times = store.repo.insert(times).await.unwrap();
            assert_eq!(times.utc_datetime_usec, moment);
            assert_eq!(store.repo.find::<Usec>(times.id).await.unwrap(), times, "{params}");
            let tag = store.repo.insert(Changeset::<Tag>::new().cast(&params, |t| (t.ints, t.uuids))).await.unwrap();
            assert_eq!(store.repo.find::<Tag>(tag.id).await.unwrap(), tag, "{params}");
            let span = store.repo.insert(Changeset::<Span>::new().cast(&params, |s| s.dur)).await.unwrap();
            assert_eq!(store.repo.find::<Span>(span.id).await.unwrap(), span, "{params}");
        }
    }
}
