//! The first things.

use super::*;
use peristyle::prelude::*;
use schemas::{Comment, Permalink, Post, PostUserLink, TABLES, User};

on_every_store! {
    async fn nested_preloads_take_one_statement_each(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ann = repo.insert(User::named("ann")).await.unwrap();
        let bob = repo.insert(User::named("bob")).await.unwrap();
        let mut posts = Vec::new();
        for title in ["1", "2", "3"] {
            let post = Post { author_id: Some(ann.id), ..Post::titled(title) };
            posts.push(repo.insert(post).await.unwrap());
        }
        for (post, text, author) in [(0, "b", &ann), (0, "a", &bob), (0, "c", &bob), (1, "d", &ann)] {
            repo.insert(Comment::on(&posts[post], text).by(author)).await.unwrap();
        }
        repo.insert(Permalink { post_id: Some(posts[1].id), ..Permalink::to("x") }).await.unwrap();
        for user in [&ann, &bob] {
            repo.insert(PostUserLink { post_id: posts[2].id, user_id: user.id }).await.unwrap();
        }
        let query = User::query().order_by(|u| u.id).preload(|u| {
            u.posts().order_by(|p| p.id).preload(|p| {
                (p.ordered_comments().limit(2).preload(|c| c.author()), p.permalink(), p.users(), p.comments_authors().limit(1))
            })
        });
        let (users, statements) = repo.capture(async |repo| repo.all(&query).await).await.unwrap();
        for statement in &statements {
            println!("{statement}\n");
        }
        assert_eq!(statements.len(), 7);
        let posts = users[0].posts.get().unwrap();
        assert_eq!(posts.len(), 3);
        assert_eq!(users[1].posts.get().unwrap().len(), 0);
        let texts: Vec<_> = posts[0].ordered_comments.get().unwrap().iter().map(|c| c.text.clone().unwrap()).collect();
        assert_eq!(texts, ["a", "b"]);
        assert_eq!(posts[0].ordered_comments.get().unwrap()[0].author.get().unwrap().unwrap().id, bob.id);
        assert!(!posts[0].ordered_comments.is_complete());
        assert!(posts[1].permalink.get().unwrap().is_some());
        assert_eq!(posts[2].users.get().unwrap().len(), 2);
        assert_eq!(posts[0].comments_authors.get().unwrap().len(), 1);

        let with_paths = Post::query()
            .filter(|p| p.author().name.eq("ann") & p.comments().any(|c| c.author().name.eq("bob")))
            .select(|p| (p.id, p.author().name, p.comments().count(), p.comments().order_by(|c| c.text).select(|c| (c.text, c.author().name)).collect(), p.comments_authors().count()));
        let rows = repo.all(&with_paths).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].2, 3);
        assert_eq!(rows[0].3.len(), 3);
        assert_eq!(rows[0].4, 2);
        println!("{}", with_paths.to_sql(store.dialect).unwrap());

        let joined = Post::query().order_by(|p| p.id).limit(2).join_preload(|p| (p.author(), p.comments().join_preload(|c| c.author())));
        println!("{}", joined.to_sql(store.dialect).unwrap());
        let rows = repo.all(&joined).await.unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].comments.get().unwrap().len(), 3);
        assert_eq!(rows[0].author.get().unwrap().unwrap().id, ann.id);
        let from = Post::query().left_join(|p| p.comments()).filter(|(_, c)| c.text.ne("a")).preload_from(|(p, c)| (p.comments(), c));
        let rows = repo.all(&from).await.unwrap();
        assert_eq!(rows[0].comments.get().unwrap().len(), 2);
        assert!(!rows[0].comments.is_complete());

        let mut posts = repo.all(Post::query().order_by(|p| p.id)).await.unwrap();
        repo.preload(&mut posts, |p| (p.comments(), p.users_comments())).await.unwrap();
        assert_eq!(posts[0].comments.get().unwrap().len(), 3);
        assert_eq!(posts[2].users_comments.get().unwrap().len(), 4);
        assert_eq!(repo.all(association_query(&posts, |p| p.comments_authors())).await.unwrap().len(), 2);
        assert_eq!(repo.all(Post::query().join(|p| p.users())).await.unwrap().len(), 2);
        let mut stream = repo.stream(Post::query().preload(|p| p.comments()));
        let mut count = 0;
        while let Some(post) = stream.next().await {
            count += post.unwrap().comments.get().unwrap().len();
        }
        assert_eq!(count, 4);
        let near = repo.all(Post::query().order_by(|p| p.id).preload(|p| p.comments().filter(|c| c.author_id.eq(p.author_id)))).await.unwrap();
        assert_eq!(near[0].comments.get().unwrap().len(), 1);
    }
}
