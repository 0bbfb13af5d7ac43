//! How a store means to run a query.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use schemas::{Post, TABLES};

on_postgres! {
    async fn pg_explain_001_explain_tells_the_plan_and_analyze_measures_it(store: Store) {
        store.create(TABLES).await;
        let q = Post::query().filter(|p| p.visits.gt(1) & p.title.eq("title"));
        let plan = store.repo.explain(&q).await.unwrap();
        assert!(plan.as_str().contains("cost="), "{plan}");
        assert!(!plan.as_str().contains("actual time"), "{plan}");
        let plan = store.repo.explain(&q).analyze().verbose().await.unwrap().to_string();
        for part in ["cost=", "actual time=", "loops=", "Output:", "Planning Time:", "Execution Time:"] {
            assert!(plan.contains(part), "no {part} in {plan}");
        }
    }

    async fn pg_explain_005_a_plan_as_json_can_be_parsed(store: Store) {
        store.create(TABLES).await;
        let plan = store.repo.explain(Post::query()).analyze().json().await.unwrap();
        let plan: serde_json::Value = serde_json::from_str(plan.as_str()).unwrap();
        for key in ["Actual Loops", "Actual Rows", "Actual Startup Time"] {
            assert!(plan[0]["Plan"].get(key).is_some(), "no {key} in {plan}");
        }
    }

    async fn pg_explain_006_a_plan_as_yaml_names_its_nodes(store: Store) {
        store.create(TABLES).await;
        let plan = store.repo.explain(Post::query()).yaml().await.unwrap();
        for part in ["Plan:", "Node Type:", "Relation Name: \"posts\""] {
            assert!(plan.as_str().contains(part), "no {part} in {plan}");
        }
    }
}

on_sqlite! {
    async fn explain_tells_the_query_plan_and_refuses_what_sqlite_has_not(store: Store) {
        store.create(TABLES).await;
        let q = Post::query().filter(|p| p.id.in_query(Post::query().select(|p| p.id)));
        let plan = store.repo.explain(&q).await.unwrap();
        assert!(plan.as_str().contains("posts") || plan.as_str().contains("p0"), "{plan}");
        let error = store.repo.explain(&q).analyze().await.unwrap_err();
        assert!(matches!(error, Error::Unsupported(_)), "{error}");
    }
}
