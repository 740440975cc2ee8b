import {
  type IResolvable,
  TerraformDataSource,
  type TerraformMetaArguments,
  TerraformProvider,
  TerraformResource,
  type TerraformResourceConfig,
} from "cdktf";
import type { Construct } from "constructs";
import { VERSION } from "../client/version.js";
import type { Schema, TypeShape } from "../core/types.js";
import type { Props, References } from "./props.js";
import { camelCase, renderProps } from "./render.js";

const GENERATOR = { providerName: "muster", providerVersion: VERSION, providerVersionConstraint: VERSION };
const SOURCE = "muster/muster";

type ConstructClass<Props, Instance> = new (scope: Construct, id: string, props: Props) => Instance;

/** What a class of these is made from. */
export interface BindingShape {
  readonly kind: "resource" | "data" | "provider";
  readonly schema: Schema;
}

const SHAPES = new WeakMap<object, BindingShape>();

/** What a class that is derived from one of these is made from; undefined for any other value. */
export const shapeOf = (binding: unknown): BindingShape | undefined =>
  typeof binding === "function" ? SHAPES.get(Object.getPrototypeOf(binding) as object) : undefined;

/** A construct whose attributes can be referred to. */
type Referable = TerraformResource | TerraformDataSource;

/**
 * The CDKTF class of one resource, made from the provider's own schema, so that the two can't differ. It accepts cdktf's
 * meta-arguments (dependsOn, lifecycle, provider, ...) in addition to its own props.
 */
export const resourceClass = <S extends Schema>(typeName: string, schema: S) =>
  elementClass(TerraformResource, "resource", typeName, schema);

/** The CDKTF class of one data source, likewise. */
export const dataSourceClass = <S extends Schema>(typeName: string, schema: S) =>
  elementClass(TerraformDataSource, "data", typeName, schema);

function elementClass<S extends Schema, Element extends Referable>(
  Base: new (scope: Construct, id: string, config: TerraformResourceConfig) => Element,
  kind: BindingShape["kind"],
  typeName: string,
  schema: S,
): ConstructClass<Props<S> & TerraformMetaArguments, Element & References<S>> {
  // Both base classes have the members that are used here, with the same names.
  class SchemaElement extends (Base as unknown as typeof TerraformResource) {
    readonly #attributes: Record<string, unknown>;

    constructor(scope: Construct, id: string, props: Props<S> & TerraformMetaArguments) {
      super(scope, id, {
        ...props,
        terraformResourceType: typeName,
        terraformGeneratorMetadata: GENERATOR,
      });
      this.#attributes = renderProps(schema, props as Readonly<Record<string, unknown>>);
      for (const [name, { type }] of Object.entries(schema.attributes)) {
        Object.defineProperty(this, camelCase(name), {
          enumerable: true,
          get: () => reference(this, name, type),
        });
      }
    }

    protected override synthesizeAttributes(): Record<string, unknown> {
      return this.#attributes;
    }
  }
  SHAPES.set(SchemaElement, { kind, schema });
  return SchemaElement as unknown as ConstructClass<
    Props<S> & TerraformMetaArguments,
    Element & References<S>
  >;
}

/** The CDKTF class of the provider; `alias` allows more than one. */
export function providerClass<S extends Schema>(
  schema: S,
): ConstructClass<Props<S> & { readonly alias?: string }, TerraformProvider> {
  class SchemaProvider extends TerraformProvider {
    readonly #attributes: Record<string, unknown>;

    constructor(scope: Construct, id: string, props: Props<S> & { readonly alias?: string }) {
      super(scope, id, {
        terraformResourceType: GENERATOR.providerName,
        terraformGeneratorMetadata: GENERATOR,
        terraformProviderSource: SOURCE,
      });
      const { alias } = props;
      if (alias !== undefined) this.alias = alias;
      this.#attributes = {
        ...(alias === undefined ? {} : { alias }),
        ...renderProps(schema, props as Readonly<Record<string, unknown>>),
      };
    }

    protected override synthesizeAttributes(): Record<string, unknown> {
      return this.#attributes;
    }
  }
  SHAPES.set(SchemaProvider, { kind: "provider", schema });
  return SchemaProvider;
}

function reference(
  element: Referable,
  name: string,
  type: TypeShape,
): string | number | IResolvable | string[] | Record<string, string> {
  switch (type.kind) {
    case "string":
      return element.getStringAttribute(name);
    case "number":
    case "integer":
      return element.getNumberAttribute(name);
    case "bool":
      return element.getBooleanAttribute(name);
    case "list":
    case "set":
      return type.element.kind === "string"
        ? element.getListAttribute(name)
        : element.interpolationForAttribute(name);
    case "map":
      return element.getStringMapAttribute(name);
    case "object":
      return element.interpolationForAttribute(name);
  }
}
