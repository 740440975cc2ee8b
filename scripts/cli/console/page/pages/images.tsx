import type { ImagesView } from "../../api.js";
import { useLive } from "../lib/live.js";
import { Empty, Heading, Loading, Problem, Status, When } from "../parts/basics.js";

const EVERY_MS = 15_000;

export function ImagesPage() {
  const images = useLive<ImagesView>("/api/images", EVERY_MS);
  const all = images.data?.images;
  return (
    <>
      <Heading title="Images" lead="What nodes boot, and the accounts and regions that it is shared with." />
      {images.problem === null ? null : <Problem problem={images.problem} onAgain={images.refresh} />}
      {images.data === null && images.problem === null ? <Loading what="the images" /> : null}
      {all?.length === 0 ? (
        <Empty title="No image yet">
          <p>Declare one in muster.yaml, or have another account share its own.</p>
        </Empty>
      ) : null}
      {all?.map((image) => (
        <section key={image.name} class="card" aria-label={image.name}>
          <span>
            <strong>{image.name}</strong>
            <Status of={image.status} />
          </span>
          <p class="faint">
            Family {image.family} · made <When at={image.createdAt} />
          </p>
          <table class="list compact">
            <caption class="unseen">Shares of {image.name}</caption>
            <thead>
              <tr>
                <th scope="col">Account</th>
                <th scope="col">Region</th>
                <th scope="col">Share status</th>
              </tr>
            </thead>
            <tbody>
              {image.shares.map(({ account, region, state, reason }) => (
                <tr key={`${account} ${region}`}>
                  <th scope="row">{account}</th>
                  <td data-label="Region">{region}</td>
                  <td data-label="Share status">
                    <Status of={state} /> {reason === null ? null : <small class="faint">{reason}</small>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </>
  );
}
