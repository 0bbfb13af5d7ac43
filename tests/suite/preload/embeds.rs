//! Associations inside of embedded structs: one statement for all embedded structs of all rows.

use super::*;
use peristyle::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "clients")]
struct Client {
    id: i64,
    name: String,
    parent_id: Option<i64>,

    parent: BelongsTo<Option<Client>>,
    purchases: HasMany<Purchase>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "goods")]
struct Good {
    #[schema(primary_key, natural)]
    code: String,
    price: i32,
}

#[derive(Debug, Clone, Default, PartialEq, Embedded)]
struct Line {
    label: String,
    #[embedded(rename = "who")]
    user_id: Option<i64>,
    #[embedded(default)]
    code: String,

    /// Who wants it.
    user: BelongsTo<Option<Client>>,
    #[embedded(foreign_key = code)]
    good: BelongsTo<Good>,
    #[embedded(foreign_key = code, filter = |g| g.price.gt(10))]
    dear_good: BelongsTo<Good>,
    #[embedded(embed)]
    gift: Option<Gift>,
    #[embedded(embed, default)]
    more: BTreeMap<String, Gift>,
}

#[derive(Debug, Clone, Default, PartialEq, Embedded)]
struct Gift {
    giver_id: i64,
    giver: BelongsTo<Client>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "purchases")]
struct Purchase {
    id: i64,
    client_id: Option<i64>,
    #[schema(embed)]
    line: Option<Line>,
    #[schema(embed)]
    lines: Option<Vec<Line>>,

    client: BelongsTo<Option<Client>>,
}

const DDL: &str = "
    create table clients ({id}, name {text} not null, parent_id {i64});
    create table goods (code {text} primary key, price {i32} not null);
    create table purchases ({id}, client_id {i64}, line {json}, lines {json});
";

async fn clients<const N: usize>(repo: &Repo, names: [&str; N]) -> [Client; N] {
    let mut clients = Vec::new();
    for name in names {
        clients.push(repo.insert(Client { name: name.into(), ..Client::default() }).await.unwrap());
    }
    clients.try_into().unwrap()
}

fn line(label: &str, user: &Client) -> Line {
    Line { label: label.into(), user_id: Some(user.id), ..Line::default() }
}

fn user(line: &Line) -> Option<&str> {
    line.user.get().unwrap().map(|user| user.name.as_str())
}

fn gift(giver: &Client) -> Gift {
    Gift { giver_id: giver.id, ..Gift::default() }
}

fn giver(line: &Line) -> Option<&str> {
    line.gift.as_ref().map(|gift| gift.giver.get().unwrap().name.as_str())
}

on_every_store! {
    async fn preload_043_a_belongs_to_of_a_bare_embedded_struct(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann, ben] = clients(repo, ["Ann", "Ben"]).await;
        let mut one = line("a", &ann);
        assert!(one.user.is_unloaded());
        assert_eq!(preloading!(repo, &mut one, |l| l.user()), 1);
        assert_eq!(user(&one), Some("Ann"));
        assert!(one.user.is_complete() && one.good.is_unloaded());

        let mut several = vec![line("b", &ben), Line::default(), line("a", &ann)];
        assert_eq!(preloading!(repo, &mut several, |l| l.user()), 1);
        assert_eq!(several.iter().map(user).collect::<Vec<_>>(), [Some("Ben"), None, Some("Ann")]);

        let mut nested = [Some(vec![line("b", &ben)]), None];
        assert_eq!(preloading!(repo, &mut nested, |l| l.user()), 1);
        assert_eq!(user(&nested[0].as_ref().unwrap()[0]), Some("Ben"));
        let mut none: Option<Line> = None;
        assert_eq!(preloading!(repo, &mut none, |l| l.user()), 0);
    }

    async fn preload_045_the_associations_of_one_embedded_struct(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann, ben] = clients(repo, ["Ann", "Ben"]).await;
        let purchase = |line| Some(Purchase { line, ..Purchase::default() });
        let mut rows =
            vec![None, purchase(Some(line("b", &ben))), purchase(None), purchase(Some(line("a", &ann))), None];
        assert_eq!(preloading!(repo, &mut rows, |p| p.line().preload(|l| l.user())), 1);
        let found: Vec<Option<Option<(&str, Option<&str>)>>> = rows
            .iter()
            .map(|row| row.as_ref().map(|row| row.line.as_ref().map(|line| (line.label.as_str(), user(line)))))
            .collect();
        let loaded = |label, name| Some(Some((label, Some(name))));
        assert_eq!(found, [None, loaded("b", "Ben"), Some(None), loaded("a", "Ann"), None]);
    }

    async fn preload_046_the_associations_of_many_embedded_structs(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann, ben, cleo] = clients(repo, ["Ann", "Ben", "Cleo"]).await;
        let purchase = |lines| Some(Purchase { lines, ..Purchase::default() });
        let mut rows = vec![
            purchase(Some(vec![line("1", &cleo), line("2", &ann), line("3", &ben)])),
            purchase(Some(Vec::new())),
            None,
            purchase(None),
            purchase(Some(vec![line("4", &ben), Line { label: "5".into(), ..Line::default() }])),
        ];
        assert_eq!(preloading!(repo, &mut rows, |p| p.lines().preload(|l| l.user())), 1);
        let found: Vec<Vec<(&str, Option<&str>)>> = rows
            .iter()
            .map(|row| {
                let lines = row.iter().flat_map(|row| row.lines.iter().flatten());
                lines.map(|line| (line.label.as_str(), user(line))).collect()
            })
            .collect();
        let first = vec![("1", Some("Cleo")), ("2", Some("Ann")), ("3", Some("Ben"))];
        assert_eq!(found, [first, vec![], vec![], vec![], vec![("4", Some("Ben")), ("5", None)]]);
    }
}

on_sql_stores! {
    async fn embeds_are_preloaded_by_a_query_and_never_written(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann, ben] = clients(repo, ["Ann", "Ben"]).await;
        let ink = repo.insert(Good { code: "ink".into(), price: 20 }).await.unwrap();
        let mut first = line("a", &ann);
        (first.user, first.code) = (Some(ann.clone()).into(), ink.code.clone());
        let rows = [
            Purchase { line: Some(first), client_id: Some(ben.id), ..Purchase::default() },
            Purchase::default(),
            Purchase { lines: Some(vec![line("b", &ben), line("c", &ann)]), ..Purchase::default() },
        ];
        for row in rows {
            repo.insert(row).await.unwrap();
        }
        let query = Purchase::query().order_by(|p| p.id);
        let read = repo.all(&query).await.unwrap();
        let bare = read[0].line.as_ref().unwrap();
        assert!(bare.user.is_unloaded(), "a document has the key and not the row");
        assert_eq!((bare.user_id, bare.code.as_str()), (Some(ann.id), "ink"));
        let document: Vec<serde_json::Value> =
            repo.sql("select line from purchases order by id limit 1").await.unwrap();
        assert_eq!(document[0], serde_json::json!({"label": "a", "who": ann.id, "code": "ink", "gift": null, "more": {}}));

        let (read, statements) = counting!(
            repo,
            query.clone().preload(|p| (
                p.client(),
                p.line().preload(|l| (l.user(), l.good())),
                p.lines().preload(|l| l.user()),
            ))
        );
        assert_eq!(statements, 5);
        let loaded = read[0].line.as_ref().unwrap();
        assert_eq!((user(loaded), loaded.good.get().unwrap()), (Some("Ann"), &ink));
        assert_eq!(read[0].client.get().unwrap(), Some(&ben));
        assert!(read[1].line.is_none() && read[1].lines.is_none());
        assert_eq!(read[2].lines.as_ref().unwrap().iter().map(user).collect::<Vec<_>>(), [Some("Ben"), Some("Ann")]);

        // Beside other things in a selection, further in, in a stream, and in a transaction.
        let pairs = query.clone().preload(|p| p.line().preload(|l| l.user())).select(|p| (p.id, p));
        let pairs = repo.all(pairs).await.unwrap();
        assert_eq!(user(pairs[0].1.line.as_ref().unwrap()), Some("Ann"));
        let inner = Client::query().order_by(|c| c.id).preload(|c| {
            c.purchases().preload(|p| p.line().preload(|l| l.user()))
        });
        let (found, statements) = counting!(repo, inner);
        assert_eq!(statements, 3);
        assert_eq!(user(found[1].purchases.get().unwrap()[0].line.as_ref().unwrap()), Some("Ann"));
        let joined = Client::query().order_by(|c| c.id).join_preload(|c| {
            c.purchases().preload(|p| p.line().preload(|l| l.user()))
        });
        let (joined, statements) = counting!(repo, joined);
        assert_eq!((statements, joined), (2, found));
        let streamed = query.clone().preload(|p| p.lines().preload(|l| l.user()));
        let mut stream = repo.stream(&streamed);
        let mut names = Vec::new();
        while let Some(row) = stream.next().await {
            let row = row.unwrap();
            names.extend(row.lines.iter().flatten().map(|line| user(line).map(str::to_owned)));
        }
        assert_eq!(names, [Some("Ben".to_owned()), Some("Ann".to_owned())]);
        let within = repo.transaction(async |tx| tx.all(&streamed).await).await.unwrap();
        assert_eq!(user(&within[2].lines.as_ref().unwrap()[0]), Some("Ben"));
    }

    async fn embeds_take_what_associations_take(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann, ben] = clients(repo, ["Ann", "Ben"]).await;
        let child = Client { name: "Cleo".into(), parent_id: Some(ann.id), ..Client::default() };
        let child = repo.insert(child).await.unwrap();
        for (code, price) in [("ink", 20), ("pin", 1)] {
            repo.insert(Good { code: code.into(), price }).await.unwrap();
        }
        let with_code = |code: &str, user| Line { code: code.into(), ..line(code, user) };
        let mut lines = vec![with_code("ink", &child), with_code("pin", &ben), with_code("gum", &child)];
        assert_eq!(preloading!(repo, &mut lines, |l| (l.user().preload(|u| u.parent()), l.good(), l.dear_good())), 4);
        let parent = |line: &Line| line.user.get().unwrap().unwrap().parent.get().unwrap().cloned();
        assert_eq!(lines.iter().map(parent).collect::<Vec<_>>(), [Some(ann.clone()), None, Some(ann.clone())]);
        let prices: Vec<Option<i32>> = lines.iter().map(|line| line.good.get().ok().map(|good| good.price)).collect();
        assert_eq!(prices, [Some(20), Some(1), None]);
        let missing = lines[2].good.get().unwrap_err();
        assert!(matches!(missing, peristyle::Error::NotFound(_)), "{missing}");
        let dear: Vec<bool> = lines.iter().map(|line| line.dear_good.get().is_ok()).collect();
        assert_eq!(dear, [true, false, false]);

        // What is complete is not loaded again, unless it is forced; what is missing is.
        let later = Client { name: "Bea".into(), ..ben.clone() };
        repo.update(ben.clone().change(|c| c.name.set("Bea"))).await.unwrap();
        assert_eq!(preloading!(repo, &mut lines, |l| l.user()), 0);
        lines.push(line("new", &ben));
        assert_eq!(preloading!(repo, &mut lines, |l| l.user()), 1);
        assert_eq!((user(&lines[1]), user(&lines[3])), (Some("Ben"), Some("Bea")));
        assert_eq!(preloading!(repo, &mut lines, |l| l.user().force()), 1);
        assert_eq!(user(&lines[1]), Some(later.name.as_str()));

        // A filter, a join inside of it, a function.
        let query = |p: &str| Client::query().filter(|c| c.name.ne(p.to_owned()));
        assert_eq!(preloading!(repo, &mut lines, |l| l.user().query(query("Cleo"))), 1);
        assert_eq!(lines.iter().map(user).collect::<Vec<_>>(), [None, Some("Bea"), None, Some("Bea")]);
        assert!(lines[1].user.is_loaded() && !lines[1].user.is_complete());
        assert_eq!(preloading!(repo, &mut lines, |l| l.user().join_preload(|u| u.parent())), 1);
        assert_eq!(parent(&lines[0]), Some(ann.clone()));
        let function = async |codes: Vec<String>| {
            Ok(codes.into_iter().map(|code| Good { price: code.len() as i32, code }).collect::<Vec<_>>())
        };
        assert_eq!(preloading!(repo, &mut lines, |l| l.good().force().with(function)), 0);
        assert_eq!(lines[0].good.get().unwrap().price, 3);
        assert_eq!(preloading!(repo, &mut lines, |l| l.good().force().from_repo(repo)), 1);
        assert_eq!(lines[0].good.get().unwrap().price, 20);
    }
}

on_every_store! {
    async fn embeds_inside_of_embeds_are_reached_too(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann, ben] = clients(repo, ["Ann", "Ben"]).await;
        let wrapped = |label, user, by: Option<&Client>| Line { gift: by.map(gift), ..line(label, user) };
        let lines = vec![wrapped("1", &ann, Some(&ben)), wrapped("2", &ann, None), wrapped("3", &ben, Some(&ann))];
        let row = Purchase { line: Some(wrapped("0", &ben, Some(&ben))), lines: Some(lines), ..Purchase::default() };
        repo.insert(row).await.unwrap();
        let query = Purchase::query().preload(|p| {
            (p.lines().preload(|l| (l.user(), l.gift().preload(|g| g.giver()))), p.line().preload(|l| l.gift().preload(|g| g.giver())))
        });
        let (rows, statements) = counting!(repo, query);
        assert_eq!(statements, 4);
        let lines = rows[0].lines.as_ref().unwrap();
        assert_eq!(lines.iter().map(giver).collect::<Vec<_>>(), [Some("Ben"), None, Some("Ann")]);
        assert_eq!(lines.iter().map(user).collect::<Vec<_>>(), [Some("Ann"), Some("Ann"), Some("Ben")]);
        assert_eq!(giver(rows[0].line.as_ref().unwrap()), Some("Ben"));
        let more = BTreeMap::from([("x".to_owned(), gift(&ann)), ("y".to_owned(), gift(&ben))]);
        let mut lines = [Line { more, ..Line::default() }, Line::default()];
        assert_eq!(preloading!(repo, &mut lines, |l| l.more().preload(|g| g.giver())), 1);
        let givers = lines[0].more.iter().map(|(key, gift)| (key.as_str(), gift.giver.get().unwrap().name.as_str()));
        assert_eq!(givers.collect::<Vec<_>>(), [("x", "Ann"), ("y", "Ben")]);
        let mut gifts = [gift(&ben)];
        assert_eq!(preloading!(repo, &mut gifts, |g| g.giver()), 1);
        assert_eq!(gifts[0].giver.get().unwrap(), &ben);
    }

    async fn mistakes_in_what_embeds_preload_are_named(store: Store) {
        store.create(DDL).await;
        let repo = &store.repo;
        let [ann] = clients(repo, ["Ann"]).await;
        let row = Purchase { line: Some(line("a", &ann)), ..Purchase::default() };
        let mut row = repo.insert(row).await.unwrap();
        let read = repo.all(Purchase::query()).await.unwrap();
        let message = read[0].line.as_ref().unwrap().user.get().unwrap_err().to_string();
        assert!(message.starts_with("Line.user is not loaded: add `.preload(|l| l.user())`"), "{message}");

        // The filter sees the rows and no others: an embedded struct is no table.
        let outer = Purchase::query()
            .preload(|p| p.line().preload(|l| l.user().filter(|u| u.id.eq(p.client_id))));
        let message = repo.all(outer).await.unwrap_err().to_string();
        assert!(message.contains("the filter of a preload"), "{message}");
        let message = repo.preload(&mut row, |p| p.line().preload(|l| l.user().filter(|u| u.id.eq(p.id)))).await;
        assert!(message.unwrap_err().to_string().contains("the filter of a preload"));

        // The embedded struct of another row, of the same schema.
        let message = repo.all(Nested::query().preload(|n| n.parent().line().preload(|l| l.user()))).await;
        let message = message.unwrap_err().to_string();
        assert!(
            message.contains("Nested.line is embedded in another row than the one that is loaded: preload it inside of"),
            "{message}"
        );
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "purchases")]
struct Nested {
    id: i64,
    #[schema(column = "client_id")]
    parent_id: i64,
    #[schema(embed)]
    line: Option<Line>,

    parent: BelongsTo<Nested>,
}
