import { DEFAULT_REGION } from "../state.js";

/**
 * Which AWS operation an HTTP request is. Pure: the method, the URL, the headers and, for the Query protocol, the
 * form that the body holds.
 */
export interface RequestLine {
  readonly method: string;
  /** As on the request line: path and query string. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The Query protocol's parameters; empty for every other protocol. */
  readonly form: URLSearchParams;
}

export interface Operation {
  /** The signing name: ec2, autoscaling, s3, dynamodb, elasticfilesystem, ... or "unknown". */
  readonly service: string;
  /** As in the API's reference: RunInstances, PutObject, ...; "GET /path" where the path is not known here. */
  readonly action: string;
  readonly region: string;
}

export function identifyOperation(request: RequestLine): Operation {
  const url = new URL(request.url, "http://aws.invalid");
  const scope = credentialScope(request, url);
  const target = header(request, "x-amz-target");
  if (target !== undefined) {
    const action = target.slice(target.lastIndexOf(".") + 1);
    return {
      service: scope?.service ?? (target.split("_")[0] ?? "").toLowerCase(),
      action,
      region: region(scope),
    };
  }
  const queryAction = request.form.get("Action") ?? url.searchParams.get("Action");
  if (queryAction !== null) {
    return { service: scope?.service ?? "unknown", action: queryAction, region: region(scope) };
  }
  const service = scope?.service ?? "unknown";
  return { service, action: restAction(service, request, url), region: region(scope) };
}

/** The bucket of an S3 request, in the path or in the host; undefined for ListBuckets. */
export function bucketOf(request: Pick<RequestLine, "url" | "headers">): string | undefined {
  const inHost = virtualHostBucket(request);
  if (inHost !== undefined) return inHost;
  const [, first] = new URL(request.url, "http://aws.invalid").pathname.split("/");
  return first ? decodeURIComponent(first) : undefined;
}

interface CredentialScope {
  readonly region: string;
  readonly service: string;
}

const region = (scope: CredentialScope | undefined): string => scope?.region ?? DEFAULT_REGION;

/** From the Authorization header (`Credential=key/date/region/service/aws4_request`) or a presigned URL. */
function credentialScope(request: RequestLine, url: URL): CredentialScope | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(header(request, "authorization") ?? "")?.[1] ??
    url.searchParams.get("X-Amz-Credential");
  const parts = credential?.split("/") ?? [];
  const [scopeRegion, service] = [parts.at(-3), parts.at(-2)];
  return parts.length >= 5 && scopeRegion && service ? { region: scopeRegion, service } : undefined;
}

function header(request: Pick<RequestLine, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** `bucket.s3.amazonaws.com` and `bucket.s3.REGION...`; an address or a plain host name holds no bucket. */
function virtualHostBucket(request: Pick<RequestLine, "headers">): string | undefined {
  return /^(.+)\.s3[.-]/.exec(header(request, "host") ?? "")?.[1];
}

function restAction(service: string, request: RequestLine, url: URL): string {
  if (service === "s3") return s3Action(request, url);
  const path = decodeURIComponent(url.pathname);
  const known = REST_ACTIONS.find(
    (row) => row.service === service && row.method === request.method && row.path.test(path),
  );
  return known?.action ?? `${request.method} ${path}`;
}

/** The REST operations that are supplemented, or that a test makes fail. */
const REST_ACTIONS: readonly { service: string; method: string; path: RegExp; action: string }[] = [
  ...(["Put", "Get", "Delete"] as const).map((verb) => ({
    service: "elasticfilesystem",
    method: verb.toUpperCase(),
    path: /^\/2015-02-01\/file-systems\/[^/]+\/policy$/,
    action: verb === "Get" ? "DescribeFileSystemPolicy" : `${verb}FileSystemPolicy`,
  })),
  ...[
    { collection: "file-systems", one: "FileSystem" },
    { collection: "mount-targets", one: "MountTarget" },
    { collection: "access-points", one: "AccessPoint" },
  ].flatMap(({ collection, one }) => {
    const row = (method: string, suffix: string, action: string) => ({
      service: "elasticfilesystem",
      method,
      path: new RegExp(`^/2015-02-01/${collection}${suffix}$`),
      action,
    });
    return [
      row("POST", "", `Create${one}`),
      row("GET", "(?:/[^/]+)?", `Describe${one}s`),
      row("DELETE", "/[^/]+", `Delete${one}`),
    ];
  }),
];

const S3_OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};
const S3_BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  GET: "ListObjects",
  HEAD: "HeadBucket",
  PUT: "CreateBucket",
  DELETE: "DeleteBucket",
};

function s3Action(request: RequestLine, url: URL): string {
  const path = url.pathname.replace(/^\//, "");
  const key = virtualHostBucket(request) === undefined ? path.split("/").slice(1).join("/") : path;
  const has = (name: string): boolean => url.searchParams.has(name);
  if (bucketOf(request) === undefined) return "ListBuckets";
  if (has("policy")) return `${capitalize(request.method)}BucketPolicy`;
  if (key === "") {
    if (has("list-type")) return "ListObjectsV2";
    if (request.method === "POST" && has("delete")) return "DeleteObjects";
    const [subresource] = [...url.searchParams.keys()].filter((name) => name !== "x-id");
    if (subresource !== undefined) return `${request.method} ?${subresource}`;
    return S3_BUCKET_ACTIONS[request.method] ?? `${request.method} bucket`;
  }
  if (has("uploads")) return "CreateMultipartUpload";
  if (has("uploadId")) {
    const actions: Record<string, string> = {
      PUT: "UploadPart",
      POST: "CompleteMultipartUpload",
      DELETE: "AbortMultipartUpload",
    };
    return actions[request.method] ?? "ListParts";
  }
  if (request.method === "PUT" && header(request, "x-amz-copy-source") !== undefined) return "CopyObject";
  return S3_OBJECT_ACTIONS[request.method] ?? `${request.method} object`;
}

const capitalize = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase();
