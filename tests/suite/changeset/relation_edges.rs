//! Associations in changesets where something is in the way: keys that disagree, rows given twice, rows that cannot go.

use super::schemas::{Comment, Permalink, Post, PostUserLink, TABLES, User};
use super::*;
use peristyle::Error;
use peristyle::changeset::Action;

/// A post whose comments and users are replaced.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts")]
struct Parent {
    id: i64,
    title: Option<String>,
    #[schema(foreign_key = post_id, on_replace = delete, on_delete = delete_all)]
    comments: HasMany<Remark>,
    #[schema(foreign_key = post_id, on_replace = delete)]
    permalink: HasOne<Link>,
    #[schema(join_table = "posts_users", join_keys(post_id, user_id), on_replace = delete)]
    users: ManyToMany<User>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "comments")]
struct Remark {
    id: i64,
    text: Option<String>,
    post_id: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "permalinks")]
struct Link {
    id: i64,
    #[schema(column = "uniform_resource_locator")]
    url: Option<String>,
    post_id: Option<i64>,
}

fn remark(text: &str) -> Remark {
    Remark { text: Some(text.to_owned()), ..Remark::default() }
}

async fn parent(repo: &Repo, comments: &[&str]) -> Parent {
    let comments: Vec<Remark> = comments.iter().map(|text| remark(text)).collect();
    let empty =
        Parent { comments: comments.into(), permalink: None.into(), users: Vec::new().into(), ..Parent::default() };
    repo.insert(empty).await.unwrap()
}

on_every_store! {
    async fn a_key_that_disagrees_with_the_row_that_is_held_is_refused(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, bob) = (repo.insert(User::named("ann")).await.unwrap(), repo.insert(User::named("bob")).await.unwrap());
        let post = Post { author_id: Some(ann.id), author: Some(ann.clone()).into(), ..Post::titled("a") };
        let stored = repo.insert(post.clone()).await.unwrap();
        assert_eq!(stored.author_id, Some(ann.id));
        let error = repo.insert(Post { author_id: Some(bob.id), ..post }).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)), "{error}");
        assert!(error.to_string().starts_with("Post.author_id is set to 2 and its association to a row with 1"), "{error}");
    }
}

on_every_store_but_clusters! {
    async fn a_row_stays_with_its_owner_whatever_its_own_params_say(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mine, other) = (parent(repo, &["a"]).await, parent(repo, &["b"]).await);
        let own = mine.comments.get().unwrap()[0].id;
        let params = json!({"comments": [{"id": own, "text": "moved", "post_id": other.id}]});
        let changeset = Changeset::of(mine.clone())
            .cast(&params, |p| p.title)
            .cast_assoc(|p| p.comments(), |comment, _| comment.cast(|c| (c.text, c.post_id)));
        repo.update(changeset).await.unwrap();
        let stored = repo.find::<Remark>(own).await.unwrap();
        assert_eq!((stored.text.as_deref(), stored.post_id), (Some("moved"), Some(mine.id)));
        // A row of another owner that only says that it belongs here is moved here all the same.
        let theirs = Remark { post_id: Some(mine.id), ..other.comments.get().unwrap()[0].clone() };
        let mine = Parent { comments: vec![stored.clone()].into(), ..mine };
        repo.update(Changeset::of(mine.clone()).put_assoc(|p| p.comments(), vec![stored, theirs.clone()])).await.unwrap();
        assert_eq!(repo.find::<Remark>(theirs.id).await.unwrap().post_id, Some(mine.id));
    }
}

on_sql_stores! {
    async fn a_row_that_cannot_be_parted_or_deleted_says_why(store: Store) {
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "posts")]
        struct Owner {
            id: i64,
            #[schema(foreign_key = post_id, on_replace = nilify)]
            ties: HasMany<Tie>,
        }
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "posts_users_pk")]
        struct Tie {
            id: i64,
            post_id: i64,
            user_id: i64,
            inserted_at: chrono::NaiveDateTime,
            updated_at: chrono::NaiveDateTime,
        }
        store.create(TABLES).await;
        let repo = &store.repo;
        let user = repo.insert(User::named("a")).await.unwrap();
        let tie = Tie { user_id: user.id, ..Tie::default() };
        let owner = repo.insert(Owner { ties: vec![tie].into(), ..Owner::default() }).await.unwrap();
        let error = repo.update(Changeset::of(owner).put_assoc(|o| o.ties(), Vec::<Tie>::new())).await.unwrap_err();
        assert!(error.to_string().starts_with("Owner.ties parts rows from it by a NULL in their key"), "{error}");

        // A user whose row is deleted through an association, and who has a link that points at it.
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "permalinks")]
        struct Place {
            id: i64,
            user_id: Option<i64>,
            #[schema(on_replace = delete)]
            user: BelongsTo<Option<User>>,
        }
        let place = repo.insert(Place { user: Some(user.clone()).into(), ..Place::default() }).await.unwrap();
        let going = Changeset::of(user).no_assoc_constraint(|u| u.permalink()).with_action(Action::Delete);
        repo.insert(Permalink { user_id: place.user_id, ..Permalink::to("u") }).await.unwrap();
        let error = repo.update(Changeset::of(place).put_assoc(|p| p.user(), going)).await.unwrap_err();
        assert_eq!(
            serde_json::to_value(error.invalid().unwrap_or_else(|| panic!("{error}")).errors()).unwrap(),
            json!({"user": {"permalink": ["is still associated with this entry"]}})
        );
    }
}

on_every_store_but_clusters! {
    async fn nothing_goes_along_with_a_row_that_was_stale(store: Store) {
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "posts")]
        struct Counted {
            id: i64,
            title: Option<String>,
            #[schema(version)]
            visits: i32,
            #[schema(foreign_key = post_id, on_replace = delete, on_delete = delete_all)]
            comments: HasMany<Remark>,
        }
        store.create(TABLES).await;
        let repo = &store.repo;
        let old = repo.insert(Counted { comments: vec![remark("a")].into(), ..Counted::default() }).await.unwrap();
        repo.update(old.clone().change(|c| c.title.set("new"))).await.unwrap();
        let changeset = old.clone().change(|c| c.title.set("old")).put_assoc(|c| c.comments(), vec![remark("b"), remark("c")]);
        let kept = repo.update(changeset).allow_stale().await.unwrap();
        assert_eq!(kept, old);
        repo.delete(old).allow_stale().await.unwrap();
        let texts = repo.all(Remark::query().select(|c| c.text)).await.unwrap();
        assert_eq!(texts, [Some("a".to_owned())]);
        assert_eq!(repo.only(Counted::query()).await.unwrap().title.as_deref(), Some("new"));
    }

    async fn a_skipped_upsert_writes_nothing_along(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let uuid = uuid::Uuid::from_u128(1);
        repo.insert(Post { uuid: Some(uuid), ..Post::titled("a") }).await.unwrap();
        let again = || {
            Changeset::build(Post { uuid: Some(uuid), ..Post::titled("b") }).put_assoc(|p| p.author(), User::named("new"))
        };
        let skipped = repo.insert(again()).on_conflict(|c| c.target(|p| p.uuid).ignore()).await.unwrap();
        assert!(matches!(skipped, Upserted::Skipped(_)));
        let stale = repo.insert(again()).on_conflict(|c| c.target(|p| p.uuid).ignore()).stale_error("uuid");
        assert_eq!(stale.await.unwrap_err().to_string().lines().next().unwrap(), "cannot insert Post: uuid is stale");
        assert_eq!(repo.count(User::query()).await.unwrap(), 0);
    }
}

on_sql_stores! {
    async fn a_row_that_is_given_twice_is_tied_once(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = parent(repo, &[]).await;
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.users(), User::named("a"))).await.unwrap();
        let user = post.users.get().unwrap()[0].clone();
        repo.update(Changeset::of(post).put_assoc(|p| p.users(), vec![user.clone(), user])).await.unwrap();
        assert_eq!(repo.count(PostUserLink::query()).await.unwrap(), 1);
    }
}

on_every_store! {
    async fn a_mistake_that_is_made_while_preparing_is_an_error(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.find::<Parent>(parent(repo, &[]).await.id).await.unwrap();
        let changeset = post.change(|p| p.title.set("x")).prepare_changes(async |changeset: Changeset<Parent>, _: Repo| {
            Ok(changeset.put_assoc(|p| p.comments(), remark("lost")))
        });
        let error = repo.update(changeset).await.unwrap_err();
        assert!(error.to_string().starts_with("Parent.comments is not loaded"), "{error}");
        assert_eq!(repo.only(Parent::query()).await.unwrap().title, None);
    }
}

on_every_store_but_clusters! {
    async fn an_ignored_row_stays_as_it_is(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = parent(repo, &["a", "b"]).await;
        let url = Link { url: Some("u".into()), ..Link::default() };
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), url)).await.unwrap();
        let ids: Vec<i64> = post.comments.get().unwrap().iter().map(|c| c.id).collect();
        let params = json!({
            "permalink": {"url": "ignored"},
            "comments": [{"id": ids[0], "text": "ignored"}, {"id": ids[1], "text": "b2"}],
        });
        let changeset = Changeset::of(post)
            .cast(&params, |p| p.title)
            .cast_assoc(|p| p.permalink(), |link, _| link.cast(|l| l.url).with_action(Action::Ignore))
            .cast_assoc(|p| p.comments(), |comment, index| {
                let comment = comment.cast(|c| c.text);
                if index == 0 { comment.with_action(Action::Ignore) } else { comment }
            })
            .validate_assoc_length(|p| p.comments(), 2);
        let post = repo.update(changeset).await.unwrap();
        let texts: Vec<_> = post.comments.get().unwrap().iter().map(|c| c.text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["a", "b2"]);
        let stored = repo.all(Remark::query().order_by(|c| c.id).select(|c| c.text)).await.unwrap();
        assert_eq!(stored, [Some("a".to_owned()), Some("b2".to_owned())]);
        assert_eq!(repo.only(Link::query()).await.unwrap().url.as_deref(), Some("u"));
    }
}

#[test]
fn errors_stand_at_the_place_of_their_params() {
    let params = json!({"comments": [{"gone": true}, {"text": 7}]});
    let changeset = Changeset::<Post>::new().cast(&params, |p| p.title).cast_assoc(
        |p| p.comments(),
        |comment, _| {
            let gone = comment.params().get("gone").is_some();
            let comment: Changeset<Comment> = comment.cast(|c| c.text);
            if gone { comment.with_action(Action::Delete) } else { comment }
        },
    );
    assert_eq!(messages(&changeset), json!({"comments": [{}, {"text": ["is invalid"]}]}));
    assert_eq!(changeset.get_assoc(|p| p.comments()).unwrap().len(), 2);
}

#[test]
fn a_later_change_of_an_embedded_struct_wins() {
    use super::schemas::{Item, Order};
    let priced = |price| Item { price: Some(price), ..Item::default() };
    let changeset = Changeset::of(Order::default()).put_embed(|o| o.item, priced(1)).change(|o| o.item.set(priced(2)));
    assert_eq!(changeset.clone().apply().unwrap().item, Some(priced(2)));
    let merged = changeset.merge(Changeset::of(Order::default()).put_embed(|o| o.item, priced(3)));
    assert_eq!(merged.apply().unwrap().item, Some(priced(3)));
}
