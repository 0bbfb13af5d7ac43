//! Decimals: exact, with their scale, and computed with by value.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use rust_decimal::Decimal;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Payment {
    id: i64,
    #[schema(index)]
    amount: Option<Decimal>,
    #[schema(index)]
    currency: String,
}

const TABLE: &str = "create table payments ({id}, amount {decimal}, currency {text} not null default '')";

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn payments(store: &Store, amounts: &[&str]) {
    store.create(TABLE).await;
    for amount in amounts {
        let currency = if d(amount).is_sign_negative() { "CHF" } else { "EUR" }.to_owned();
        store.repo.insert(Payment { amount: Some(d(amount)), currency, ..Default::default() }).await.unwrap();
    }
}

/// As text: `==` on decimals ignores the scale.
fn texts(amounts: &[Option<Decimal>]) -> Vec<String> {
    amounts.iter().map(|amount| amount.map_or("NULL".into(), |amount| amount.to_string())).collect()
}

/// Neighbours that differ beyond the 15 digits of a float.
const LONG: [&str; 6] = [
    "12345678901234567890.12345678",
    "12345678901234567890.12345680",
    "-12345678901234567890.12345678",
    "9007199254740993",
    "9007199254740992",
    "0.1234567890123456789012345678",
];

on_every_store! {
    async fn the_scale_is_kept(store: Store) {
        payments(&store, &["1.10", "1.1", "100", "100.00", "0.00", "0.0000000000000000000000000001"]).await;
        let amounts = store.repo.all(Payment::query().order_by(|p| p.id).select(|p| p.amount)).await.unwrap();
        assert_eq!(texts(&amounts), ["1.10", "1.1", "100", "100.00", "0.00", "0.0000000000000000000000000001"]);
    }

    async fn a_decimal_of_the_same_value_is_no_change(store: Store) {
        payments(&store, &["1.1"]).await;
        let payment = store.repo.only(Payment::query()).await.unwrap();
        let change = payment.change(|p| p.amount.set(d("1.10")));
        assert!(change.changed().is_empty());
        let (payment, statements) = store.repo.capture(async |repo| repo.update(change).await).await.unwrap();
        assert_eq!((texts(&[payment.amount]), statements.len()), (vec!["1.1".to_owned()], 0));
    }

    async fn equality_and_lists_ignore_the_scale(store: Store) {
        payments(&store, &["1.10", "1.1", "1.100000", "1.11"]).await;
        let repo = &store.repo;
        for equal in [d("1.1"), d("1.10"), d("1.1000000000000000000000000000")] {
            assert_eq!(repo.count(Payment::query().filter(|p| p.amount.eq(equal))).await.unwrap(), 3, "{equal}");
            assert_eq!(
                repo.count(Payment::query().filter(|p| p.amount.in_([equal, d("7")]))).await.unwrap(),
                3,
                "{equal}"
            );
            assert_eq!(repo.count(Payment::query().filter(|p| p.amount.not_in([equal]))).await.unwrap(), 1, "{equal}");
            assert_eq!(repo.count(Payment::query().filter(|p| p.amount.ne(equal))).await.unwrap(), 1, "{equal}");
            assert_eq!(
                repo.count(Payment::query().filter(|p| p.amount.is_not_distinct_from(equal))).await.unwrap(),
                3,
                "{equal}"
            );
        }
        if !store.is_redis() {
            let same = Payment::query().join_on::<Payment>(|(p, q)| p.amount.eq(q.amount) & p.id.lt(q.id));
            assert_eq!(repo.count(same).await.unwrap(), 3);
        }
        let by_query = Payment::query()
            .filter(|p| p.amount.in_query(Payment::query().filter(|q| q.id.eq(1i64)).select(|q| q.amount)));
        assert_eq!(repo.count(by_query).await.unwrap(), 3);
    }

    async fn order_and_comparison_are_by_value(store: Store) {
        payments(
            &store,
            &["10", "9", "-1.5", "1e2", "0.5", "-20", "9.5"].map(|text| if text == "1e2" { "100.0" } else { text }),
        )
        .await;
        let repo = &store.repo;
        let ordered = repo.all(Payment::query().order_by(|p| p.amount).select(|p| p.amount)).await.unwrap();
        assert_eq!(texts(&ordered), ["-20", "-1.5", "0.5", "9", "9.5", "10", "100.0"]);
        let reversed =
            repo.all(Payment::query().order_by(|p| p.amount.desc()).limit(2).select(|p| p.amount)).await.unwrap();
        assert_eq!(texts(&reversed), ["100.0", "10"]);
        let between = Payment::query()
            .filter(|p| p.amount.between(d("-1.50"), d("9.50")))
            .order_by(|p| p.amount)
            .select(|p| p.amount);
        assert_eq!(texts(&repo.all(between).await.unwrap()), ["-1.5", "0.5", "9", "9.5"]);
        assert_eq!(repo.count(Payment::query().filter(|p| p.amount.gt(d("9.49")))).await.unwrap(), 3);
        assert_eq!(repo.count(Payment::query().filter(|p| p.amount.lt(0))).await.unwrap(), 2);
    }

    async fn digits_beyond_those_of_a_float_count(store: Store) {
        payments(&store, &LONG).await;
        let repo = &store.repo;
        let ordered = repo.all(Payment::query().order_by(|p| p.amount).select(|p| p.amount)).await.unwrap();
        assert_eq!(texts(&ordered), [LONG[2], LONG[5], LONG[4], LONG[3], LONG[0], LONG[1]]);
        assert_eq!(repo.count(Payment::query().filter(|p| p.amount.eq(d(LONG[0])))).await.unwrap(), 1);
        assert_eq!(repo.count(Payment::query().filter(|p| p.amount.gt(d(LONG[0])))).await.unwrap(), 1);
        let (min, max) = repo.aggregate(Payment::query(), |p| (p.amount.min(), p.amount.max())).await.unwrap();
        assert_eq!(texts(&[min, max]), [LONG[2], LONG[1]]);
        let pair = Payment::query().filter(|p| p.amount.gt(d("12345678901234567890")));
        let sum = repo.aggregate(&pair, |p| p.amount.sum()).await.unwrap();
        assert_eq!(texts(&[sum]), ["24691357802469135780.24691358"]);
        let average = repo.aggregate(&pair, |p| p.amount.avg()).await.unwrap().unwrap();
        assert_eq!(average, d("12345678901234567890.12345679"));
        let difference = pair.clone().order_by(|p| p.amount).select(|p| p.amount - d(LONG[0]));
        assert_eq!(texts(&repo.all(difference).await.unwrap()), ["0.00000000", "0.00000002"]);
    }

    async fn sums_of_tenths_are_exact(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        for _ in 0..10 {
            repo.insert(Payment { amount: Some(d("0.10")), ..Default::default() }).await.unwrap();
        }
        repo.insert(Payment::default()).await.unwrap();
        let (sum, count, average) =
            repo.aggregate(Payment::query(), |p| (p.amount.sum(), p.amount.count(), p.amount.avg())).await.unwrap();
        assert_eq!((texts(&[sum]), count, average), (vec!["1.00".to_owned()], 10, Some(d("0.1"))));
        assert_eq!(repo.count(Payment::query().filter(|p| p.id.gt(0) & (p.amount * d("3")).eq(d("0.3"))).allow_filtering(100)).await.unwrap(), 10);
        let none = Payment::query().filter(|p| p.id.lt(0i64));
        assert_eq!(
            repo.aggregate(none, |p| (p.amount.sum(), p.amount.avg(), p.amount.min())).await.unwrap(),
            (None, None, None)
        );
    }

    async fn groups_and_distinct_values_are_by_value(store: Store) {
        payments(&store, &["1.10", "1.1", "2", "2.000", "-1.1", LONG[0], LONG[1]]).await;
        let repo = &store.repo;
        let groups =
            Payment::query().group_by(|p| p.amount).order_by(|p| p.amount).select(|p| (p.amount, p.id.count()));
        let groups = repo.all(groups).await.unwrap();
        let expected = [("-1.1", 1), ("1.1", 2), ("2", 2), (LONG[0], 1), (LONG[1], 1)];
        assert_eq!(groups, expected.map(|(amount, count)| (Some(d(amount)), count)));
        let distinct = Payment::query().distinct().select(|p| p.amount);
        assert_eq!(repo.all(distinct).await.unwrap().len(), 5);
        assert_eq!(repo.aggregate(Payment::query(), |p| p.amount.count_distinct()).await.unwrap(), 5);
        assert_eq!(
            repo.aggregate(Payment::query().filter(|p| p.amount.lt(9)), |p| p.amount.sum_distinct()).await.unwrap(),
            Some(d("2.0"))
        );
        let sums = Payment::query()
            .filter(|p| p.amount.lt(9))
            .group_by(|p| p.currency)
            .having(|p| p.amount.sum().gt(d("6.19")) | p.amount.max().lt(0))
            .order_by(|p| p.amount.sum())
            .select(|p| (p.currency, p.amount.sum()));
        let sums = repo.all(sums).await.unwrap();
        assert_eq!(sums, [("CHF".to_owned(), Some(d("-1.1"))), ("EUR".to_owned(), Some(d("6.2")))]);
    }
}

on_sql_stores! {
    async fn type_032_decimals_compare_and_compute_as_decimals(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        repo.insert(schemas::Post { cost: Some(d("1.0")), ..Default::default() }).await.unwrap();
        let posts = schemas::Post::query;
        assert_eq!(repo.count(posts().filter(|p| p.cost.eq(d("1.0")))).await.unwrap(), 1);
        assert_eq!(repo.count(posts().filter(|p| p.cost.eq(1))).await.unwrap(), 1);
        assert_eq!(repo.count(posts().filter(|p| p.cost.cast::<f64>().eq(1.0))).await.unwrap(), 1);
        assert_eq!(repo.count(posts().filter(|p| p.cost.eq(sql::<Decimal>("1.0")))).await.unwrap(), 1);
        let computed = repo
            .only(
                posts().join_on::<schemas::Post>(|(p, q)| p.id.eq(q.id)).select(|(p, q)| (p.cost * 2, p.cost - q.cost)),
            )
            .await
            .unwrap();
        assert_eq!(texts(&[computed.0, computed.1]), ["2.0", "0.0"]);
    }
}

on_every_store! {
    async fn type_033_a_sum_of_decimals_becomes_the_type_that_is_asked_for(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        repo.insert(schemas::Post { cost: Some(d("1.0")), ..Default::default() }).await.unwrap();
        let sums = repo
            .aggregate(schemas::Post::query(), |p| {
                (p.cost.sum().cast::<i64>(), p.cost.sum().cast::<f64>(), p.cost.sum())
            })
            .await
            .unwrap();
        assert_eq!(sums, (Some(1), Some(1.0), Some(d("1.0"))));
    }

    async fn type_034_coalesce_gives_a_decimal(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        repo.insert(schemas::Post { cost: Some(d("1.0")), ..Default::default() }).await.unwrap();
        repo.insert(schemas::Post::default()).await.unwrap();
        let costs: Vec<Decimal> =
            repo.all(schemas::Post::query().order_by(|p| p.id).select(|p| p.cost.coalesce(0))).await.unwrap();
        assert_eq!(costs, [d("1.0"), d("0")]);
    }

    async fn arithmetic_is_exact_and_a_division_by_zero_is_an_error(store: Store) {
        payments(&store, &["0.1", "7"]).await;
        let repo = &store.repo;
        let computed = Payment::query()
            .order_by(|p| p.id)
            .select(|p| (p.amount + d("0.2"), p.amount * d("1.1"), -p.amount, p.amount.abs()));
        let computed = repo.all(computed).await.unwrap();
        assert_eq!(computed[0], (Some(d("0.3")), Some(d("0.11")), Some(d("-0.1")), Some(d("0.1"))));
        assert_eq!(computed[1].1, Some(d("7.7")));
        let quarter = repo
            .all(Payment::query().order_by(|p| p.id).select(|p| (p.amount / d("4"), p.amount % d("4"))))
            .await
            .unwrap();
        assert_eq!(quarter, [(Some(d("0.025")), Some(d("0.1"))), (Some(d("1.75")), Some(d("3")))]);
        let error = repo.all(Payment::query().select(|p| p.amount / d("0"))).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)), "{error}");
    }
}

on_sqlite! {
    async fn decimals_that_other_programs_wrote_as_numbers_are_read_and_compared(store: Store) {
        store
            .script(
                "create table payments (id integer primary key, amount numeric(10,2),
            currency text not null default '')",
                "",
            )
            .await;
        let repo = &store.repo;
        repo.script("insert into payments (amount) values (0.99), (10), (9.5), ('1.10'), (null)").await.unwrap();
        let ordered = repo
            .all(Payment::query().filter(|p| p.amount.is_not_null()).order_by(|p| p.amount).select(|p| p.amount))
            .await
            .unwrap();
        assert_eq!(ordered, ["0.99", "1.10", "9.5", "10"].map(|text| Some(d(text))));
        assert_eq!(repo.count(Payment::query().filter(|p| p.amount.eq(d("0.99")))).await.unwrap(), 1);
        assert_eq!(repo.count(Payment::query().filter(|p| p.amount.in_([d("10.00"), d("1.1")]))).await.unwrap(), 2);
        let (sum, average, max) =
            repo.aggregate(Payment::query(), |p| (p.amount.sum(), p.amount.avg(), p.amount.max())).await.unwrap();
        assert_eq!((sum, average, max), (Some(d("21.59")), Some(d("5.3975")), Some(d("10"))));
    }
}

on_postgres! {
    async fn numbers_that_decimal_cannot_hold_are_errors(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        for text in ["'NaN'", "'Infinity'", "1e40", "0.12345678901234567890123456789012345"] {
            repo.script(format!(
                "delete from payments; insert into payments (amount)
            values ({text})"
            ))
            .await
            .unwrap();
            let outcome = repo.all(Payment::query()).await;
            let error = outcome.expect_err(text);
            assert!(
                matches!(error, Error::Decode(_)) && error.to_string().contains("Payment.amount"),
                "{text}: {error}"
            );
        }
    }
}
