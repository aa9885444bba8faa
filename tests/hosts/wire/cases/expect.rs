//! A client that waits for `100 Continue` (<https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1>).

use crate::host::Trial;
use crate::link::Link;
use crate::response::{Checked, ensure};

pub(crate) async fn allowed(trial: &Trial<'_>) -> Checked {
    for call in trial.of([&trial.host.upload]) {
        let mut link = trial.open().await;
        let Link::Http1(http1) = &mut link else {
            // Nobody waits on HTTP/2: there the field is passed on as any other.
            let call = call.with("expect", "100-continue");
            link.send(&call).await?.check(call.outcomes.allowed)?;
            return trial.is_usable(&mut link).await;
        };
        let head = call.head(&call.path, "HTTP/1.1", trial.address);
        let length = call.body.len();
        let head = format!("{head}expect: 100-continue\r\ncontent-length: {length}\r\n\r\n");
        http1.write(head.as_bytes()).await?;
        let interim = http1.read(&call.method).await?;
        ensure!(interim.status == 100, "not told to go on: {interim:?}");
        ensure!(
            interim.fields.is_empty(),
            "an interim response: {interim:?}"
        );
        http1.write(&call.body).await?;
        let response = http1.read(&call.method).await?;
        response.check(call.outcomes.allowed)?;
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

/// It is not made to send what nobody reads.
pub(crate) async fn refused(trial: &Trial<'_>) -> Checked {
    for call in trial.of([&trial.host.upload]) {
        let call = call.outdated();
        let mut link = trial.open().await;
        let Link::Http1(http1) = &mut link else {
            return Ok(());
        };
        let head = call.head(&call.path, "HTTP/1.1", trial.address);
        let head = format!("{head}expect: 100-continue\r\ncontent-length: 9\r\n\r\n");
        http1.write(head.as_bytes()).await?;
        let response = http1.read(&call.method).await?;
        let response = response.check(call.outcomes.outdated)?;
        let response = response.check_rejection(call.outcomes.content_type)?;
        ensure!(response.closes(), "it waits for the body: {response:?}");
        http1.ends().await?;
    }
    Ok(())
}
