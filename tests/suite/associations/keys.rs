//! Keys of several fields, `references`, and the constant filter and order of an association.

use super::*;

const TABLES: &str = "
    create table sites (region {text} not null, number {i32} not null, name {text} not null,
        primary key (region, number));
    create table gauges ({id}, site_region {text}, site_number {i32}, reading {i32}, retired {bool} not null);
    create table keepers ({id}, badge {text} not null);
    create table sites_keepers (site_region {text} not null, site_number {i32} not null, keeper_id {i64} not null);
    create table notes ({id}, keeper_badge {text}, text {text} not null);
";

const SQLITE: &str = "
    insert into sites values ('n', 1, 'North 1'), ('n', 2, 'North 2'), ('s', 1, 'South 1');
    insert into gauges (site_region, site_number, reading, retired) values
        ('n', 1, 10, 0), ('n', 1, 30, 1), ('n', 2, 20, 0), ('s', 1, 5, 0), ('s', null, 99, 0), (null, null, 98, 0);
    insert into keepers (badge) values ('a'), ('b');
    insert into sites_keepers values ('n', 1, 1), ('n', 1, 2), ('s', 1, 2);
    insert into notes (keeper_badge, text) values ('a', 'z'), ('a', 'y'), ('b', 'x'), (null, 'w');
";

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(primary_key(region, number))]
struct Site {
    region: String,
    number: i32,
    name: String,
    #[schema(foreign_key(site_region, site_number))]
    gauges: HasMany<Gauge>,
    #[schema(foreign_key(site_region, site_number), filter = |g| !g.retired, order = |g| g.reading.desc())]
    working: HasMany<Gauge>,
    #[schema(join_table = "sites_keepers", join_keys(site_region, site_number, keeper_id))]
    keepers: ManyToMany<Keeper>,
    #[schema(through = [keepers, notes])]
    notes: HasMany<Note>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Gauge {
    id: i64,
    site_region: Option<String>,
    site_number: Option<i32>,
    reading: Option<i32>,
    retired: bool,
    #[schema(foreign_key(site_region, site_number))]
    site: BelongsTo<Option<Site>>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Keeper {
    id: i64,
    badge: String,
    #[schema(foreign_key = keeper_badge, references = badge, order = |n| n.text.asc())]
    notes: HasMany<Note>,
    #[schema(join_table = "sites_keepers", join_keys(keeper_id, site_region, site_number))]
    sites: ManyToMany<Site>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Note {
    id: i64,
    keeper_badge: Option<String>,
    text: String,
    #[schema(foreign_key = keeper_badge, references = badge)]
    keeper: BelongsTo<Option<Keeper>>,
}

async fn fill(store: &Store) {
    store.create(TABLES).await;
    let postgres = SQLITE.replace("10, 0", "10, false").replace("30, 1", "30, true").replace("20, 0", "20, false");
    let postgres = postgres.replace("5, 0", "5, false").replace("99, 0", "99, false").replace("98, 0", "98, false");
    store.script(SQLITE, &postgres).await;
}

on_sql_stores! {
    async fn a_path_along_a_composite_key(store: Store) {
        fill(&store).await;
        let query = Gauge::query().order_by(|g| g.id).select(|g| (g.id, g.site().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "g0"."id", "s1"."name"
        FROM "gauges" AS "g0"
        LEFT JOIN "sites" AS "s1" ON "g0"."site_region" = "s1"."region" AND "g0"."site_number" = "s1"."number"
        ORDER BY "g0"."id" ASC
        "#);
        let name = |name: &str| Some(name.to_owned());
        let expected = [
            (1, name("North 1")),
            (2, name("North 1")),
            (3, name("North 2")),
            (4, name("South 1")),
            (5, None),
            (6, None),
        ];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn subqueries_along_a_composite_key(store: Store) {
        fill(&store).await;
        let query = Site::query()
            .filter(|s| s.gauges().any(|g| g.reading.gt(9)))
            .order_by(|s| s.name)
            .select(|s| (s.name, s.gauges().sum(|g| g.reading), s.keepers().count()));
        snapshot!(sql_of(&query), @r#"
        SELECT "s0"."name", (SELECT SUM("sg0"."reading") FROM "gauges" AS "sg0" WHERE "s0"."region" = "sg0"."site_region" AND "s0"."number" = "sg0"."site_number"), (SELECT COUNT(*) FROM "keepers" AS "sk0" INNER JOIN "sites_keepers" AS "ss1" ON "ss1"."keeper_id" = "sk0"."id" WHERE "s0"."region" = "ss1"."site_region" AND "s0"."number" = "ss1"."site_number")
        FROM "sites" AS "s0"
        WHERE EXISTS (SELECT 1 FROM "gauges" AS "sg0" WHERE "s0"."region" = "sg0"."site_region" AND "s0"."number" = "sg0"."site_number" AND "sg0"."reading" > $1)
        ORDER BY "s0"."name" ASC
        -- [9]
        "#);
        let expected = [("North 1".to_owned(), Some(40), 2), ("North 2".to_owned(), Some(20), 0)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn joins_along_a_composite_key(store: Store) {
        fill(&store).await;
        let query = Site::query().join(|s| s.gauges()).order_by(|(_, g)| g.id).select(|(s, g)| (s.name, g.reading));
        snapshot!(sql_of(&query), @r#"
        SELECT "s0"."name", "g1"."reading"
        FROM "sites" AS "s0"
        INNER JOIN "gauges" AS "g1" ON "s0"."region" = "g1"."site_region" AND "s0"."number" = "g1"."site_number"
        ORDER BY "g1"."id" ASC
        "#);
        assert_eq!(store.repo.count(&query).await.unwrap(), 4);
        let between =
            Site::query().join(|s| s.keepers()).order_by(|(s, k)| (s.name, k.id)).select(|(s, k)| (s.name, k.badge));
        snapshot!(sql_of(&between), @r#"
        SELECT "s0"."name", "k2"."badge"
        FROM "sites" AS "s0"
        INNER JOIN "sites_keepers" AS "s1" ON "s0"."region" = "s1"."site_region" AND "s0"."number" = "s1"."site_number"
        INNER JOIN "keepers" AS "k2" ON "s1"."keeper_id" = "k2"."id"
        ORDER BY "s0"."name" ASC, "k2"."id" ASC
        "#);
        let expected = [("North 1", "a"), ("North 1", "b"), ("South 1", "b")];
        assert_eq!(
            store.repo.all(between).await.unwrap(),
            expected.map(|(site, badge)| (site.to_owned(), badge.to_owned()))
        );
        let back = Keeper::query().join(|k| k.sites()).filter(|(k, _)| k.badge.eq("b")).order_by(|(_, s)| s.name);
        let names = store.repo.all(back.select(|(_, s)| s.name)).await.unwrap();
        assert_eq!(names, ["North 1", "South 1"]);
    }

    async fn association_queries_along_a_composite_key(store: Store) {
        fill(&store).await;
        let repo = &store.repo;
        let sites = repo.all(Site::query().order_by(|s| s.name)).await.unwrap();
        let query = association_query(&sites[..2], |s| s.gauges()).order_by(|g| g.id);
        assert_eq!(repo.all(query.select(|g| g.id)).await.unwrap(), [1, 2, 3]);
        assert_eq!(repo.count(association_query(&sites, |s| s.keepers())).await.unwrap(), 2);
        assert_eq!(repo.count(association_query(&sites, |s| s.notes())).await.unwrap(), 3);
        // A key that is NULL in part belongs to nothing.
        let gauges = repo.all(Gauge::query().order_by(|g| g.id)).await.unwrap();
        let of_gauges = association_query(&gauges, |g| g.site()).order_by(|s| s.name).select(|s| s.name);
        assert_eq!(repo.all(of_gauges).await.unwrap(), ["North 1", "North 2", "South 1"]);
        assert_eq!(repo.count(association_query(&gauges[4..], |g| g.site())).await.unwrap(), 0);
    }

    async fn lists_along_a_composite_key(store: Store) {
        fill(&store).await;
        let query = Site::query().order_by(|s| s.name).select(|s| {
            (
                s.name,
                s.gauges().order_by(|g| g.id).select(|g| g.id).collect(),
                s.keepers().order_by(|k| k.id).select(|k| k.badge).collect(),
            )
        });
        let (rows, statements) = store.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
        let text = |text: &str| text.to_owned();
        let expected = [
            (text("North 1"), vec![1, 2], vec![text("a"), text("b")]),
            (text("North 2"), vec![3], vec![]),
            (text("South 1"), vec![4], vec![text("b")]),
        ];
        assert_eq!((rows, statements.len()), (expected.to_vec(), 3));
    }

    async fn the_constant_filter_holds_everywhere(store: Store) {
        fill(&store).await;
        let repo = &store.repo;
        let counted = Site::query()
            .order_by(|s| s.name)
            .select(|s| (s.working().count(), s.working().filter(|g| g.reading.gt(9)).exists()));
        snapshot!(sql_of(&counted), @r#"
        SELECT (SELECT COUNT(*) FROM "gauges" AS "sg0" WHERE "s0"."region" = "sg0"."site_region" AND "s0"."number" = "sg0"."site_number" AND NOT "sg0"."retired"), EXISTS (SELECT 1 FROM "gauges" AS "sg0" WHERE "s0"."region" = "sg0"."site_region" AND "s0"."number" = "sg0"."site_number" AND NOT "sg0"."retired" AND "sg0"."reading" > $1)
        FROM "sites" AS "s0"
        ORDER BY "s0"."name" ASC
        -- [9]
        "#);
        assert_eq!(repo.all(counted).await.unwrap(), [(1, true), (1, true), (1, false)]);
        let joined = Site::query().join(|s| s.working()).order_by(|(_, g)| g.id).select(|(_, g)| g.id);
        assert_eq!(repo.all(joined).await.unwrap(), [1, 3, 4]);
        let sites = repo.all(Site::query()).await.unwrap();
        let rows = association_query(&sites, |s| s.working()).order_by(|g| g.id).select(|g| g.id);
        assert_eq!(repo.all(rows).await.unwrap(), [1, 3, 4]);
        let lists = Site::query().order_by(|s| s.name).select(|s| s.working().select(|g| g.id).collect());
        assert_eq!(repo.all(lists).await.unwrap(), [vec![1], vec![3], vec![4]]);
    }

    async fn the_default_order_is_that_of_lists_unless_they_have_one(store: Store) {
        fill(&store).await;
        let repo = &store.repo;
        let query = Keeper::query().order_by(|k| k.id).select(|k| {
            (k.notes().select(|n| n.text).collect(), k.notes().order_by(|n| n.id).select(|n| n.text).collect())
        });
        let rows = repo.all(query).await.unwrap();
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(rows, [(words(&["y", "z"]), words(&["z", "y"])), (words(&["x"]), words(&["x"]))]);
    }

    async fn references_name_another_key_than_the_primary_one(store: Store) {
        fill(&store).await;
        let repo = &store.repo;
        let path = Note::query().order_by(|n| n.id).select(|n| (n.text, n.keeper().id));
        snapshot!(sql_of(&path), @r#"
        SELECT "n0"."text", "k1"."id"
        FROM "notes" AS "n0"
        LEFT JOIN "keepers" AS "k1" ON "n0"."keeper_badge" = "k1"."badge"
        ORDER BY "n0"."id" ASC
        "#);
        let row = |text: &str, id| (text.to_owned(), id);
        assert_eq!(
            repo.all(path).await.unwrap(),
            [row("z", Some(1)), row("y", Some(1)), row("x", Some(2)), row("w", None)]
        );
        let joined = Keeper::query().join(|k| k.notes()).order_by(|(_, n)| n.id).select(|(k, n)| (n.text, k.id));
        snapshot!(sql_of(&joined), @r#"
        SELECT "n1"."text", "k0"."id"
        FROM "keepers" AS "k0"
        INNER JOIN "notes" AS "n1" ON "k0"."badge" = "n1"."keeper_badge"
        ORDER BY "n1"."id" ASC
        "#);
        assert_eq!(repo.all(joined).await.unwrap(), [("z".to_owned(), 1), ("y".to_owned(), 1), ("x".to_owned(), 2)]);
        let counted = Keeper::query().order_by(|k| k.id).select(|k| k.notes().count());
        assert_eq!(repo.all(counted).await.unwrap(), [2, 1]);
        let keepers = repo.all(Keeper::query()).await.unwrap();
        assert_eq!(repo.count(association_query(&keepers[..1], |k| k.notes())).await.unwrap(), 2);
    }
}
