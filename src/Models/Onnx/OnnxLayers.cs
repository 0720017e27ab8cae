using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>A tensor of the graph. The shape is the engine's, NHWC; rows and columns mean nothing where the size is open.</summary>
internal readonly record struct OnnxValue(string Name, Shape Shape)
{
    public bool IsMap => Shape.Rank == 4;
}

/// <summary>Writes layers as ONNX nodes over NCHW tensors.</summary>
internal sealed class OnnxLayers(OnnxGraph graph, bool dynamic)
{
    private readonly OnnxPooling _pooling = new(graph, dynamic);

    /// <summary>Adds a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="prefix">Names of the containers around it.</param>
    /// <exception cref="NotSupportedException">ONNX cannot express it.</exception>
    public OnnxValue Add(Layer layer, OnnxValue input, string prefix)
    {
        string name = prefix + layer.Name;
        string inside = name.Length == 0 ? "" : name + ".";
        switch (layer)
        {
            case Sequential:
                return layer.Children.Aggregate(input, (value, child) => Add(child, value, inside));
            case Dropout:
                return input;
        }
        Shape shape = layer.OutputShape(input.Shape);
        string output = layer switch
        {
            Concat => graph.Node("Concat", name, [.. layer.Children.Select(child => Add(child, input, inside).Name)], ("axis", 1L)),
            Residual block => Sum(block, input, name, inside),
            Conv2d conv => Convolution(conv, input, name),
            Linear linear => Linear(linear, input, name),
            BatchNorm norm => Normalisation(norm, input, name),
            LocalResponseNorm norm => ResponseNorm(norm.Geometry, input, name),
            ActivationLayer { Activation: var activation } => Activated(activation, input.Name, name),
            PRelu parametric => graph.Node("PRelu", name, [input.Name, graph.Constant(name + ".weight", parametric.Slope.Value.ToArray(), input.IsMap ? [input.Shape.Channels, 1, 1] : [input.Shape.Channels])]),
            MaxPool2d pool => _pooling.Max(pool.Geometry, input, name),
            AveragePool2d pool => _pooling.Average(pool.Geometry, pool.Divisor, input, name),
            GlobalAveragePool => graph.Node("Flatten", name, [graph.Node("GlobalAveragePool", name + ".pool", [input.Name])], ("axis", 1L)),
            SpatialPyramidPool pool => _pooling.Pyramid(pool.Pyramid, input, name),
            GridFlatten => graph.Node("Flatten", name, [Fixed(name, layer, input).Name], ("axis", 1L)),
            Flatten => Rows(layer, input, name),
            _ => throw new NotSupportedException($"{name} is a {layer.GetType().Name}, a layer of your own; only the project's layers can be written as ONNX."),
        };
        return new OnnxValue(output, shape);
    }

    private string Sum(Residual block, OnnxValue input, string name, string inside)
    {
        string main = Add(block.Main, input, inside).Name, shortcut = block.Shortcut is null ? input.Name : Add(block.Shortcut, input, inside).Name;
        string sum = graph.Node("Add", name, [main, shortcut]);
        return block.Activation.Kind == ActivationKind.None ? sum : Activated(block.Activation, sum, name + ".activation");
    }

    private string Convolution(Conv2d conv, OnnxValue input, string name)
    {
        ConvGeometry windows = conv.Geometry;
        return graph.Node("Conv", name, Operands(input.Name, conv.Weight, conv.Bias, name),
            ("kernel_shape", (long[])[windows.KernelHeight, windows.KernelWidth]), ("strides", (long[])[windows.StrideHeight, windows.StrideWidth]),
            ("pads", (long[])[windows.PadHeight, windows.PadWidth, windows.PadHeight, windows.PadWidth]), ("group", (long)windows.Groups));
    }

    private string Linear(Linear linear, OnnxValue input, string name)
    {
        string rows = input.IsMap ? Rows(linear, input, name + ".rows") : input.Name;
        return graph.Node("Gemm", name, Operands(rows, linear.Weight, linear.Bias, name), ("transB", 1L));
    }

    private string Normalisation(BatchNorm norm, OnnxValue input, string name)
    {
        if (input.IsMap)
            return graph.Node("BatchNormalization", name, [input.Name, .. norm.Parameters.Select(parameter => Constant(parameter, name))], ("epsilon", norm.Epsilon));
        // Over rows as a product and a sum: several runtimes normalise maps only.
        float[] gamma = norm.Gamma.Value.ToArray(), beta = norm.Beta.Value.ToArray(), mean = norm.RunningMean.Value.ToArray(), variance = norm.RunningVariance.Value.ToArray();
        var factor = new float[gamma.Length];
        var shift = new float[gamma.Length];
        for (int i = 0; i < gamma.Length; i++)
        {
            double scale = gamma[i] / Math.Sqrt((double)variance[i] + norm.Epsilon);
            factor[i] = (float)scale;
            shift[i] = (float)(beta[i] - mean[i] * scale);
        }
        string scaled = graph.Node("Mul", name + ".scaled", [input.Name, graph.Constant(name + ".factor", factor, 1, factor.Length)]);
        return graph.Node("Add", name, [scaled, graph.Constant(name + ".shift", shift, 1, shift.Length)]);
    }

    private string ResponseNorm(LrnGeometry geometry, OnnxValue input, string name)
    {
        if (geometry.Region == LrnRegion.AcrossChannels)
            return graph.Node("LRN", name, [input.Name], ("size", (long)geometry.Size), ("alpha", geometry.Alpha), ("beta", geometry.Beta), ("bias", geometry.K));
        // ONNX has no form within a channel: x·(k + α·mean(x²))^−β. The zeros around the map are put there by a node of their
        // own, as not every runtime heeds count_include_pad.
        long side = geometry.Size, pad = geometry.Size / 2;
        string squares = graph.Node("Mul", name + ".squares", [input.Name, input.Name]);
        string around = graph.Node("Pad", name + ".pad", [squares, graph.Constant(name + ".pads", 0, 0, pad, pad, 0, 0, pad, pad)]);
        string mean = graph.Node("AveragePool", name + ".mean", [around], ("kernel_shape", (long[])[side, side]), ("strides", (long[])[1, 1]));
        string scaled = graph.Node("Mul", name + ".scaled", [mean, graph.Constant(name + ".alpha", [geometry.Alpha], 1)]);
        string sum = graph.Node("Add", name + ".sum", [scaled, graph.Constant(name + ".k", [geometry.K], 1)]);
        string power = graph.Node("Pow", name + ".power", [sum, graph.Constant(name + ".beta", [-geometry.Beta], 1)]);
        return graph.Node("Mul", name, [input.Name, power]);
    }

    private string Activated(Activation activation, string input, string name) => activation.Kind switch
    {
        ActivationKind.Relu => graph.Node("Relu", name, [input]),
        ActivationKind.LeakyRelu => graph.Node("LeakyRelu", name, [input], ("alpha", activation.Slope)),
        ActivationKind.Sigmoid => graph.Node("Sigmoid", name, [input]),
        _ => throw new NotSupportedException($"{name}: the activation {activation.Kind} cannot be written as ONNX."),
    };

    // The engine's rows are in the order row, column, channel.
    private string Rows(Layer layer, OnnxValue input, string name)
    {
        if (!input.IsMap) return graph.Node("Flatten", name, [input.Name], ("axis", 1L));
        Fixed(name, layer, input);
        bool single = input.Shape is { Height: 1, Width: 1 };
        string ordered = single ? input.Name : graph.Node("Transpose", name + ".nhwc", [input.Name], ("perm", (long[])[0, 2, 3, 1]));
        return graph.Node("Flatten", name, [ordered], ("axis", 1L));
    }

    private OnnxValue Fixed(string name, Layer layer, OnnxValue input) => dynamic && input.IsMap
        ? throw new NotSupportedException($"{name} ({layer.Kind}) takes a map of one size only, so that the network cannot be written for images of any size; give the size.")
        : input;

    private IEnumerable<string> Operands(string input, Parameter weight, Parameter? bias, string name) =>
        bias is null ? [input, Constant(weight, name)] : [input, Constant(weight, name), Constant(bias, name)];

    private string Constant(Parameter parameter, string name) =>
        graph.Constant($"{name}.{parameter.Name}", WeightLayout.ToFile(parameter, parameter.Value.ToArray()), WeightLayout.FileShape(parameter).ToArray());
}
