using System.Text.Json.Nodes;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>JSON to layers; <see cref="LayerWriter"/> is the reverse. Descriptions may come from anywhere: every number is checked.</summary>
internal static class LayerReader
{
    private const int LargestExtent = 1 << 20;
    private const int LargestFeatures = 1 << 28;

    public static Layer Read(JsonObject node)
    {
        string type = Text(node, "type");
        Layer layer = type switch
        {
            LayerTypes.Sequential => new Sequential(Children(node)),
            LayerTypes.Concat => new Concat(Children(node)),
            LayerTypes.Residual => new Residual(Read(Object(node, "main")), node["shortcut"] is JsonObject shortcut ? Read(shortcut) : null,
                new Activation(node["activation"] is null ? ActivationKind.None : Enum<ActivationKind>(node, "activation"), node["slope"] is null ? 0 : Number(node, "slope"))),
            LayerTypes.Conv => ReadConv(node),
            LayerTypes.Linear => new Linear(Whole(node, "in", 1, LargestFeatures), Whole(node, "out", 1, LargestFeatures), Flag(node, "bias")),
            LayerTypes.BatchNorm => new BatchNorm(Whole(node, "channels", 1, LargestFeatures), Number(node, "momentum"), Positive(node, "epsilon")),
            LayerTypes.Lrn => new LocalResponseNorm(ReadLrn(node)),
            LayerTypes.Relu => new Relu(),
            LayerTypes.LeakyRelu => new LeakyRelu(Number(node, "slope")),
            LayerTypes.Sigmoid => new Sigmoid(),
            LayerTypes.PRelu => new PRelu(Whole(node, "channels", 1, LargestFeatures)),
            LayerTypes.MaxPool => new MaxPool2d(ReadPool(node)),
            LayerTypes.AveragePool => new AveragePool2d(ReadPool(node), Enum<AveragePoolDivisor>(node, "divisor")),
            LayerTypes.GlobalAveragePool => new GlobalAveragePool(),
            LayerTypes.Pyramid => new SpatialPyramidPool(new Pyramid(Levels(node), Enum<PyramidRule>(node, "rule"))),
            LayerTypes.GridFlatten => new GridFlatten(Whole(node, "side", 1, Pyramid.MaxLevel)),
            LayerTypes.Flatten => new Flatten(),
            LayerTypes.Dropout => new Dropout(Number(node, "rate")),
            _ => throw new FormatException($"there is no layer type '{type}' in this version"),
        };
        layer.Name = Text(node, "name");
        if (node["learning_rates"] is JsonArray rates)
        {
            if (rates.Count != layer.Parameters.Count) throw new FormatException($"'{layer.Name}' has {layer.Parameters.Count} parameters, but {rates.Count} learning rates");
            for (int i = 0; i < rates.Count; i++) layer.Parameters[i].LearningRateMultiplier = Finite(rates[i], "learning_rates");
        }
        return layer;
    }

    private static Conv2d ReadConv(JsonObject node)
    {
        (int kernelHeight, int kernelWidth) = Pair(node, "kernel", 1);
        (int strideHeight, int strideWidth) = Pair(node, "stride", 1);
        (int padHeight, int padWidth) = Pair(node, "pad", 0);
        int groups = Whole(node, "groups", 1, LargestExtent);
        return new Conv2d(Whole(node, "in", 1, LargestExtent), Whole(node, "out", 1, LargestExtent),
            new ConvGeometry(kernelHeight, kernelWidth, strideHeight, strideWidth, padHeight, padWidth, groups), Flag(node, "bias"));
    }

    private static PoolGeometry ReadPool(JsonObject node)
    {
        (int kernelHeight, int kernelWidth) = Pair(node, "kernel", 1);
        (int strideHeight, int strideWidth) = Pair(node, "stride", 1);
        (int padHeight, int padWidth) = Pair(node, "pad", 0);
        if (padHeight >= kernelHeight || padWidth >= kernelWidth) throw new FormatException("the padding of a pooling must be less than its window");
        return new PoolGeometry(kernelHeight, kernelWidth, strideHeight, strideWidth, padHeight, padWidth, Enum<PoolRounding>(node, "rounding"));
    }

    private static LrnGeometry ReadLrn(JsonObject node)
    {
        int size = Whole(node, "size", 1, LargestExtent);
        if (size % 2 == 0) throw new FormatException($"the window of a local response normalisation is odd, not {size}");
        return new LrnGeometry(Enum<LrnRegion>(node, "region"), size, Number(node, "alpha"), Number(node, "beta"), Positive(node, "k"));
    }

    private static Layer[] Children(JsonObject node) => node["layers"] is JsonArray { Count: > 0 } list
        ? [.. list.Select(child => Read(child as JsonObject ?? throw new FormatException("a layer is not a JSON object")))]
        : throw new FormatException($"the container '{node["name"]}' has no layers");

    private static int[] Levels(JsonObject node) => node["levels"] is JsonArray list
        ? [.. list.Select(level => Whole(level, "levels", 1, Pyramid.MaxLevel))]
        : throw Lacks(node, "levels");

    private static JsonObject Object(JsonObject node, string key) => node[key] as JsonObject ?? throw Lacks(node, key);

    private static string Text(JsonObject node, string key) => node[key] is JsonValue value && value.TryGetValue(out string? text) ? text : throw Lacks(node, key);

    private static bool Flag(JsonObject node, string key) => node[key] is JsonValue value && value.TryGetValue(out bool flag) ? flag : throw Lacks(node, key);

    private static T Enum<T>(JsonObject node, string key)
        where T : struct, Enum
    {
        string text = Text(node, key);
        return System.Enum.TryParse(text, out T value) && System.Enum.IsDefined(value) ? value : throw new FormatException($"'{text}' is no {key}");
    }

    private static float Number(JsonObject node, string key) => Finite(node[key], key);

    private static float Positive(JsonObject node, string key) => Number(node, key) is > 0 and var value ? value : throw new FormatException($"{key} must be above 0");

    private static float Finite(JsonNode? node, string key) =>
        node is JsonValue value && value.TryGetValue(out float number) && float.IsFinite(number) ? number : throw new FormatException($"'{key}' is not a number");

    private static int Whole(JsonObject node, string key, int least, int most) => Whole(node[key], key, least, most);

    private static int Whole(JsonNode? node, string key, int least, int most) =>
        node is JsonValue value && value.TryGetValue(out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"'{key}' must be a whole number from {least} to {most}");

    private static (int Height, int Width) Pair(JsonObject node, string key, int least) => node[key] is JsonArray { Count: 2 } pair
        ? (Whole(pair[0], key, least, LargestExtent), Whole(pair[1], key, least, LargestExtent))
        : throw new FormatException($"'{key}' must be a pair of rows and columns");

    private static FormatException Lacks(JsonObject node, string key) => new($"layer '{node["name"]}' lacks a usable '{key}'");
}
