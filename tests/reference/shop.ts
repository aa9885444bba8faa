// The errors of The API of problem_details.
// tower-edge has written this file, with `Reference::to_typescript`: do not edit it.

/** An error in the format `problem_details`. */
export type ProblemDetailsError = 
    | ProblemDetailsOutOfStock
    | ProblemDetailsNoSuchArticle
    | ProblemDetailsBadOrder
    | ProblemDetailsSlowDown
    | ProblemDetailsClosed
    | ProblemDetailsOldApp
    | ProblemDetailsFailed;

/** A code of [`ProblemDetailsError`]. */
export type ProblemDetailsCode = ProblemDetailsError["type"];

/**
 * {sku} is out of stock.
 * Cause: Others were faster.
 * Fix: Order at most `left`.
 */
export type ProblemDetailsOutOfStock = {
  alternatives?: Array<string> | null;
  detail: string;
  is_reserved: boolean;
  labels: { [name: string]: unknown };
  left: number;
  note?: unknown;
  restocked_at?: string | null;
  /** What was ordered. */
  sku: string;
  status: 409;
  title: "Out of stock";
  type: "https://shop.example/errors/out_of_stock";
  weight: number;
};

/** No such article. */
export type ProblemDetailsNoSuchArticle = {
  detail: string;
  status: 404;
  title: "No such article";
  type: "https://shop.example/errors/no_such_article";
};

/** The order is not valid. */
export type ProblemDetailsBadOrder = {
  detail: string;
  errors?: Array<{
    detail: string;
    parameter?: string;
    pointer?: string;
    value?: string;
  }>;
  status: 422;
  title: "The order is not valid";
  type: "https://shop.example/errors/bad_order";
  "violated-policies"?: Array<string>;
};

/** Too many orders. */
export type ProblemDetailsSlowDown = {
  detail: string;
  retry_after?: number;
  status: 429;
  title: "Too many orders";
  type: "https://shop.example/errors/slow_down";
  "violated-policies"?: Array<string>;
};

/** The shop is closed. */
export type ProblemDetailsClosed = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 503;
  timeout_ms?: number;
  title: "The shop is closed";
  type: "https://shop.example/errors/closed";
};

/**
 * The app is too old.
 * @deprecated slow_down
 */
export type ProblemDetailsOldApp = {
  client_version?: string;
  detail: string;
  min_version?: string;
  server_version?: string;
  status: 426;
  title: "The app is too old";
  type: "https://shop.example/errors/old_app";
  update_url?: string;
};

/** The shop has failed. */
export type ProblemDetailsFailed = {
  detail: string;
  error_id?: string;
  retry_after?: number;
  status: 500;
  title: "The shop has failed";
  type: "https://shop.example/errors/failed";
};
