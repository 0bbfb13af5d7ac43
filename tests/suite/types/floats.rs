//! Floats that are not numbers, not finite, or zero with a sign.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Reading {
    id: i64,
    #[schema(index)]
    wide: Option<f64>,
    #[schema(index)]
    narrow: Option<f32>,
    series: Option<Vec<f64>>,
}

const TABLE: &str = "create table readings ({id}, wide {f64}, narrow {f32}, series {list f64})";

on_postgres! {
    async fn nan_is_kept_and_found(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        let reading = Reading {
            wide: Some(f64::NAN),
            narrow: Some(f32::NAN),
            series: Some(vec![f64::NAN, f64::INFINITY]),
            ..Default::default()
        };
        repo.insert(reading).await.unwrap();
        let found = repo.only(Reading::query().filter(|r| r.wide.eq(f64::NAN) & r.narrow.eq(f32::NAN))).await.unwrap();
        assert!(found.wide.unwrap().is_nan() && found.narrow.unwrap().is_nan());
        let series = found.series.unwrap();
        assert!(series[0].is_nan() && series[1] == f64::INFINITY, "{series:?}");
    }
}

on_sqlite! {
    async fn nan_is_refused_instead_of_becoming_null(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        for reading in [
            Reading { wide: Some(f64::NAN), ..Default::default() },
            Reading { narrow: Some(f32::NAN), ..Default::default() },
            Reading { series: Some(vec![0.0, f64::NAN]), ..Default::default() },
            Reading { series: Some(vec![f64::NEG_INFINITY]), ..Default::default() },
        ] {
            let error = repo.insert(reading).await.unwrap_err();
            assert!(matches!(error, Error::Encode(_)), "{error}");
        }
        assert_eq!(repo.count(Reading::query()).await.unwrap(), 0);
    }
}

on_every_store! {
    async fn infinities_order_at_the_ends_and_zeros_are_equal(store: Store) {
        store.create(TABLE).await;
        let repo = &store.repo;
        for wide in [1.5, f64::INFINITY, -0.0, f64::NEG_INFINITY, f64::MIN_POSITIVE / 2.0] {
            repo.insert(Reading { wide: Some(wide), ..Default::default() }).await.unwrap();
        }
        let ordered = repo.all(Reading::query().order_by(|r| r.wide).select(|r| r.wide)).await.unwrap();
        assert_eq!(ordered, [f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE / 2.0, 1.5, f64::INFINITY].map(Some));
        assert_eq!(repo.count(Reading::query().filter(|r| r.wide.eq(0.0))).await.unwrap(), 1);
        assert_eq!(repo.aggregate(Reading::query(), |r| r.wide.max()).await.unwrap(), Some(f64::INFINITY));
    }
}

on_postgres! {
    async fn zero_keeps_its_sign(store: Store) {
        store.create(TABLE).await;
        let row =
            store.repo.insert(Reading { wide: Some(-0.0), narrow: Some(-0.0), ..Default::default() }).await.unwrap();
        let row = store.repo.find::<Reading>(row.id).await.unwrap();
        assert!(row.wide.unwrap().is_sign_negative() && row.narrow.unwrap().is_sign_negative());
    }
}

on_sqlite! {
    async fn zero_has_no_sign_in_a_column_of_reals(store: Store) {
        store.create(TABLE).await;
        let row = store
            .repo
            .insert(Reading { wide: Some(-0.0), series: Some(vec![-0.0]), ..Default::default() })
            .await
            .unwrap();
        let row = store.repo.find::<Reading>(row.id).await.unwrap();
        assert!(row.wide.unwrap().is_sign_positive() && row.series.unwrap()[0].is_sign_negative());
    }
}
