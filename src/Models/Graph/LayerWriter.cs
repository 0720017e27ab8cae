using System.Text.Json.Nodes;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>Layers to JSON; <see cref="LayerReader"/> is the reverse.</summary>
internal static class LayerWriter
{
    public static bool Knows(Layer layer) => layer is Sequential or Concat or Residual or Conv2d or Linear or BatchNorm or LocalResponseNorm
        or ActivationLayer or PRelu or MaxPool2d or AveragePool2d or GlobalAveragePool or SpatialPyramidPool or GridFlatten or Flatten or Dropout;

    public static JsonObject Write(Layer layer)
    {
        var node = new JsonObject { ["type"] = LayerTypes.NameOf(layer), ["name"] = layer.Name };
        switch (layer)
        {
            case Sequential or Concat:
                node["layers"] = new JsonArray([.. layer.Children.Select(Write)]);
                break;
            case Residual block:
                node["main"] = Write(block.Main);
                if (block.Shortcut is not null) node["shortcut"] = Write(block.Shortcut);
                if (block.Activation.Kind != ActivationKind.None) node["activation"] = block.Activation.Kind.ToString();
                if (block.Activation.Slope != 0) node["slope"] = block.Activation.Slope;
                break;
            case Conv2d conv:
                ConvGeometry windows = conv.Geometry;
                node["in"] = conv.InChannels;
                node["out"] = conv.OutChannels;
                node["kernel"] = Pair(windows.KernelHeight, windows.KernelWidth);
                node["stride"] = Pair(windows.StrideHeight, windows.StrideWidth);
                node["pad"] = Pair(windows.PadHeight, windows.PadWidth);
                node["groups"] = windows.Groups;
                node["bias"] = conv.Bias is not null;
                break;
            case Linear linear:
                node["in"] = linear.InFeatures;
                node["out"] = linear.OutFeatures;
                node["bias"] = linear.Bias is not null;
                break;
            case BatchNorm norm:
                node["channels"] = (int)norm.Gamma.Shape.Count;
                node["momentum"] = norm.Momentum;
                node["epsilon"] = norm.Epsilon;
                break;
            case LocalResponseNorm { Geometry: var geometry }:
                node["region"] = geometry.Region.ToString();
                node["size"] = geometry.Size;
                node["alpha"] = geometry.Alpha;
                node["beta"] = geometry.Beta;
                node["k"] = geometry.K;
                break;
            case LeakyRelu leaky:
                node["slope"] = leaky.Activation.Slope;
                break;
            case PRelu parametric:
                node["channels"] = (int)parametric.Slope.Shape.Count;
                break;
            case MaxPool2d pool:
                WritePool(node, pool.Geometry);
                break;
            case AveragePool2d pool:
                WritePool(node, pool.Geometry);
                node["divisor"] = pool.Divisor.ToString();
                break;
            case SpatialPyramidPool pool:
                node["levels"] = new JsonArray([.. pool.Pyramid.Levels.Select(level => JsonValue.Create(level))]);
                node["rule"] = pool.Pyramid.Rule.ToString();
                break;
            case GridFlatten grid:
                node["side"] = grid.Side;
                break;
            case Dropout dropout:
                node["rate"] = dropout.Rate;
                break;
        }
        // How a parameter learns belongs to the network too: the paper's biases learn at twice the rate.
        if (layer.Parameters.Any(parameter => parameter.LearningRateMultiplier != 1))
            node["learning_rates"] = new JsonArray([.. layer.Parameters.Select(parameter => JsonValue.Create(parameter.LearningRateMultiplier))]);
        return node;
    }

    private static JsonArray Pair(int height, int width) => [height, width];

    private static void WritePool(JsonObject node, PoolGeometry geometry)
    {
        node["kernel"] = Pair(geometry.KernelHeight, geometry.KernelWidth);
        node["stride"] = Pair(geometry.StrideHeight, geometry.StrideWidth);
        node["pad"] = Pair(geometry.PadHeight, geometry.PadWidth);
        node["rounding"] = geometry.Rounding.ToString();
    }
}
