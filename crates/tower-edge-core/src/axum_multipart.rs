//! The rejections of axum's feature `multipart`.

use std::error::Error;

use axum::extract::multipart::{MultipartError, MultipartRejection};
use http::StatusCode;
use http_body_util::LengthLimitError;

use crate::axum::rejection::from_rejection;
use crate::http_ext::error_chain;
use crate::{Kind, Problem};

/// A content type that names no boundary.
impl From<MultipartRejection> for Problem {
    fn from(rejection: MultipartRejection) -> Self {
        from_rejection(rejection.status(), rejection)
    }
}

/// A part that is not well formed, a body that is too large, or one that could not be read.
impl From<MultipartError> for Problem {
    fn from(error: MultipartError) -> Self {
        // axum responds to both with a 500 here: to a body that broke off, and to one above the limit of a layer.
        // Where axum reads a body as a whole, neither is a 500.
        if error.status() == StatusCode::INTERNAL_SERVER_ERROR {
            let is_too_long = error_chain(&error).any(<dyn Error>::is::<LengthLimitError>);
            let is_broken_off = error_chain(&error).any(<dyn Error>::is::<axum::Error>);
            if is_too_long {
                return Self::new(Kind::ContentTooLarge).with_source(error);
            }
            if is_broken_off {
                return Self::new(Kind::BadRequest).with_source(error);
            }
        }
        from_rejection(error.status(), error)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use axum::body::Body;
    use axum::extract::{FromRequest, Multipart, Request};
    use bytes::Bytes;
    use http_body::Frame;
    use http_body_util::{Full, Limited};
    use tokio_test::block_on;

    use super::*;

    /// A body that cannot be read.
    struct BrokenOff;

    impl http_body::Body for BrokenOff {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
        }
    }

    /// Reads the first part, as a handler does.
    async fn first_part(request: Request) -> Result<(), Problem> {
        Multipart::from_request(request, &())
            .await?
            .next_field()
            .await?;
        Ok(())
    }

    fn rejected(content_type: &str, body: Body) -> Problem {
        let request = Request::post("/").header("content-type", content_type);
        block_on(first_part(request.body(body).unwrap())).unwrap_err()
    }

    #[test]
    fn what_is_not_multipart_or_not_well_formed_is_a_bad_request() {
        for (content_type, body) in [
            ("application/json", "{}"),
            ("multipart/form-data", ""),
            ("multipart/form-data; boundary=b", "--b\r\nbroken"),
        ] {
            let problem = rejected(content_type, body.into());

            assert_eq!(problem.kind(), Kind::BadRequest, "{content_type}");
            assert!(problem.source().is_some());
        }
    }

    #[test]
    fn a_body_over_its_limit_is_too_large() {
        let body = Limited::new(Full::new(Bytes::from(vec![b'-'; 99])), 9);

        let problem = rejected("multipart/form-data; boundary=b", Body::new(body));

        assert_eq!(problem.kind(), Kind::ContentTooLarge);
    }

    // A layer that decompresses, for example, fails with an `io::Error` around the error of the limit.
    #[test]
    fn a_limit_is_known_inside_of_another_error() {
        struct Wrapped(Limited<Full<Bytes>>);
        impl http_body::Body for Wrapped {
            type Data = Bytes;
            type Error = io::Error;

            fn poll_frame(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
                let frame = Pin::new(&mut self.0).poll_frame(cx);
                frame.map_err(io::Error::other)
            }
        }
        let body = Limited::new(Full::new(Bytes::from(vec![b'-'; 99])), 9);

        let problem = rejected("multipart/form-data; boundary=b", Body::new(Wrapped(body)));

        assert_eq!(problem.kind(), Kind::ContentTooLarge);
    }

    #[test]
    fn a_body_that_broke_off_is_no_fault_of_the_service() {
        let problem = rejected("multipart/form-data; boundary=b", Body::new(BrokenOff));

        assert_eq!(problem.kind(), Kind::BadRequest);
        assert!(problem.source().unwrap().is::<MultipartError>());
    }
}
