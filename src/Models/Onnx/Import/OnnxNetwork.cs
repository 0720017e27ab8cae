namespace IlgpuSpp.Models;

/// <summary>
/// Follows an image of one size through an ONNX graph: every node becomes layers over what it reads (<see cref="ImportNode"/>), or a
/// value that is known without the image. What the output does not need is left out.
/// </summary>
internal sealed class OnnxNetwork
{
    public const string KnownOperators = "Conv, BatchNormalization, Relu, LeakyRelu, PRelu, Clip from 0 to 6 or without end, Sigmoid, HardSigmoid, HardSwish, MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool, Gemm, MatMul, Add, Sub, Mul and Div, Concat, Flatten, Reshape, LRN, Pad, Dropout, Identity and Softmax";

    private const int RowAxis = 2, ColumnAxis = 3;

    private readonly OnnxDocument _document;
    private readonly bool _fold;
    private readonly OnnxLayerFactory _factory;
    private readonly Dictionary<string, OnnxMeaning> _meanings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxOperation> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _readers = new(StringComparer.Ordinal);
    private OnnxOperation? _softmax;

    private OnnxNetwork(OnnxDocument document, ParameterValues weights, OnnxDeclared input, int height, int width, bool fold)
    {
        _document = document;
        _fold = fold;
        _factory = new OnnxLayerFactory(weights, oneSize: input.Extents is [_, _, not null, not null]);
        foreach ((string name, OnnxArray array) in document.Constants) _meanings[name] = new OnnxKnown(array);
        _meanings[input.Name] = new OnnxFlow(new ImportNode(input.Name, null, ImportNodeKind.Input, [], [], new Shape(1, height, width, 3)), [1, 3, height, width]);
        foreach (OnnxOperation node in document.Operations)
            foreach (string output in node.Outputs.Where(output => output.Length > 0))
                if (!_producers.TryAdd(output, node)) throw node.Error($"it computes '{output}', which another node computes too");
    }

    /// <summary>The layers from the image to the scores.</summary>
    /// <param name="document">The file.</param>
    /// <param name="weights">Receives the weights of the layers.</param>
    /// <param name="input">The image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="fold">Whether batch normalisations behind convolutions become part of them.</param>
    /// <exception cref="ModelFormatException">A node cannot be imported; the message names it and its operator.</exception>
    public static Sequential Read(OnnxDocument document, ParameterValues weights, OnnxDeclared input, int height, int width, bool fold) =>
        new OnnxNetwork(document, weights, input, height, width, fold).Layers();

    private Sequential Layers()
    {
        if (_document.Outputs.Count == 0) throw new ModelFormatException(_document.Path, "its graph names no output");
        string output = _document.Outputs[0].Name;
        HashSet<OnnxOperation> needed = Needed(output);
        foreach (OnnxOperation node in _document.Operations)
        {
            if (!needed.Contains(node) || (node.Outputs.Count > 0 && _meanings.ContainsKey(node.Outputs[0]))) continue;
            OnnxMeaning meaning;
            try
            {
                meaning = Follow(node);
            }
            catch (Exception error) when (error is ArgumentException or OverflowException or (IlgpuSppException and not ModelFormatException))
            {
                throw node.Error(LayerRefusal.Reason(error));
            }
            _meanings[node.Outputs[0]] = meaning;
        }
        OnnxFlow scores = _meanings.GetValueOrDefault(output) as OnnxFlow ?? throw new ModelFormatException(_document.Path, $"its output '{output}' is not computed from the image");
        if (scores.Padding != default) throw new ModelFormatException(_document.Path, $"its output '{output}' is padded");
        Sequential root = LayerTree.Build(scores.Node, _document.Path);
        if (scores.Node.Shape is { Rank: 4, Height: 1, Width: 1 }) return new Sequential([.. root.Children, new Flatten { Name = "flatten_output" }]);
        return scores.Node.Shape.Rank == 2 ? root : throw new ModelFormatException(_document.Path, $"the network ends in a map of {scores.Node.Shape.Height}x{scores.Node.Shape.Width}; only networks that end in one row of scores can be imported");
    }

    // Walked without recursion: a graph may be deep, or a circle.
    private HashSet<OnnxOperation> Needed(string output)
    {
        var needed = new HashSet<OnnxOperation>(ReferenceEqualityComparer.Instance);
        var open = new Stack<string>([output]);
        _readers[output] = 1;
        while (open.TryPop(out string? name))
        {
            if (!_producers.TryGetValue(name, out OnnxOperation? node) || !needed.Add(node)) continue;
            foreach (string input in node.Inputs.Where(input => input.Length > 0))
            {
                _readers[input] = _readers.GetValueOrDefault(input) + 1;
                open.Push(input);
            }
        }
        return needed;
    }

    private OnnxMeaning Follow(OnnxOperation node)
    {
        if (node.Outputs.Count == 0) throw node.Error("it computes nothing");
        if (node.Operator == "Constant") return new OnnxKnown(Constant(node));
        if (_softmax is not null && node.Operator != "Identity") throw node.Error($"it computes on the probabilities of '{_softmax.Label}'; a softmax can only stand at the end");
        if (OnnxWithinChannel.Match(node, _producers, name => _meanings.GetValueOrDefault(name) is OnnxKnown known ? known.Array : null) is { } norm && Meaning(node, norm.Input) is OnnxFlow normalised)
            return Chain(node, normalised, new LocalResponseNorm(norm.Geometry));
        OnnxMeaning[] inputs = [.. node.Inputs.Where(input => input.Length > 0).Select(input => Meaning(node, input))];
        bool squares = node.Operator == "Mul" && node.Inputs is [var a, var b] && a == b;
        if (squares || System.Array.Exists(inputs, input => input is OnnxPart)) return OnnxPart.Continues(node) ? new OnnxPart() : throw Unknown(node);
        if (inputs.Length == 0) throw node.Error("it reads nothing");
        if (node.Operator == "Shape")
            return new OnnxKnown(OnnxArray.Of([.. inputs[0] switch { OnnxFlow flow => flow.Extents, OnnxPiece piece => piece.Extents, OnnxKnown known => known.Array.Extents, _ => throw Unknown(node) }]));
        if (System.Array.TrueForAll(inputs, input => input is OnnxKnown))
            return new OnnxKnown(OnnxArithmetic.Compute(node, [.. inputs.Select(input => ((OnnxKnown)input).Array)]) ?? throw node.Error("an operator of this kind over constants cannot be imported; simplify the network with the program that wrote it"));
        if (System.Array.Exists(inputs, input => input is OnnxPiece) || node.Operator == "Slice") return Pieces(node, inputs);
        return node.Operator switch
        {
            "Concat" => Concatenation(node, inputs),
            "Add" when inputs is [OnnxFlow left, OnnxFlow right] => Sum(node, left, right),
            "Sum" when inputs.Length > 1 && System.Array.TrueForAll(inputs, input => input is OnnxFlow) => inputs.Skip(1).Aggregate((OnnxFlow)inputs[0], (sum, next) => Sum(node, sum, (OnnxFlow)next)),
            "Mul" when inputs is [OnnxFlow left, OnnxFlow right] => Gated(node, left, right),
            "Add" or "Sub" or "Mul" or "Div" => WithConstant(node, inputs),
            _ when inputs[0] is OnnxFlow flow => Over(node, flow),
            _ => throw Unknown(node),
        };
    }

    private OnnxFlow Over(OnnxOperation node, OnnxFlow input)
    {
        if (input.Padding != default && node.Operator is not ("Conv" or "MaxPool" or "AveragePool" or "Identity")) throw node.Error("what it reads is padded; only convolutions and poolings can take padding up");
        switch (node.Operator)
        {
            case "Identity" or "Cast":
                return input;
            case "Dropout":
                float rate = node.HasInput(1) ? Scalar(node, 1) : node.Number("ratio", 0.5f);
                return rate is >= 0 and < 1 ? Chain(node, input, new Dropout(rate)) : throw node.Error($"its rate is {rate}");
            case "Softmax":
                _softmax = node;
                return input;
            case "Conv" when !input.IsMap && input.Extents is [_, _, 1, 1]:
                return SingleElement(node, input);
            case "Conv":
                Layer conv = _factory.Convolution(node, input, Array(node, 1, "weights"), node.HasInput(2) ? Array(node, 2, "bias") : null);
                return Chain(node, input, conv);
            case "BatchNormalization":
                return Normalised(node, input);
            case "Relu":
                return Activated(node, input, new Relu());
            case "LeakyRelu":
                return Activated(node, input, new LeakyRelu(node.Number("alpha", 0.01f)));
            case "Sigmoid":
                return Activated(node, input, new Sigmoid());
            case "HardSigmoid":
                float slope = node.Number("alpha", 0.2f), middle = node.Number("beta", 0.5f);
                return middle == 0.5f && slope > 0 ? Activated(node, input, new HardSigmoid(slope)) : throw node.Error($"its line is {slope} x + {middle}; this engine has rising ones through 0.5 only");
            case "HardSwish":
                return Chain(node, input, new HardSwish()) with { FlattenedByChannel = input.FlattenedByChannel };
            case "PRelu":
                return Chain(node, input, _factory.Parametric(node, input, Array(node, 1, "slopes")));
            case "Clip":
                return Clipped(node, input);
            case "LRN":
                return Chain(node, input, _factory.ResponseNorm(node));
            case "MaxPool":
                MaxPool2d pool = _factory.Maximum(node, input);
                return Chain(node, input, pool) with { Bins = OnnxBins.Of(input.Node, pool.Geometry) };
            case "AveragePool":
                AveragePool2d average = _factory.Average(node, input);
                // A window over the whole of a fixed map takes the mean of maps of any size as well.
                bool whole = ShapeRules.Pool(input.Node.Shape, average.Geometry) is { Height: 1, Width: 1 } && (average.Geometry.KernelHeight, average.Geometry.KernelWidth) == (input.Node.Shape.Height, input.Node.Shape.Width);
                return whole && average.Geometry is { PadHeight: 0, PadWidth: 0, PadBottom: 0, PadRight: 0 } ? Global(node, input, new GlobalAveragePool { Name = average.Name }) : Chain(node, input, average);
            case "GlobalAveragePool":
                return Global(node, input, new GlobalAveragePool());
            case "GlobalMaxPool":
                return Global(node, input, new SpatialPyramidPool(1)) with { Bins = OnnxBins.Whole(input.Node) };
            case "ReduceMean" or "ReduceMax":
                long[] axes = node.HasInput(1) ? Array(node, 1, "axes").Integers ?? [] : node.Wholes("axes") ?? [];
                if (!axes.Select(axis => axis < 0 ? axis + 4 : axis).Order().SequenceEqual([RowAxis, ColumnAxis])) throw node.Error("only means and maxima over rows and columns of a map can be imported");
                OnnxFlow reduced = Global(node, input, node.Operator == "ReduceMean" ? new GlobalAveragePool() : new SpatialPyramidPool(1));
                return node.Whole("keepdims", 1) != 0 ? reduced : reduced with { Extents = [1, input.Channels] };
            case "Pad":
                return PaddedBy(node, input);
            case "Transpose":
                return Turned(node, input);
            case "Flatten":
                return node.Whole("axis", 1) == 1 ? Flattened(node, input) : throw node.Error("only flattenings from axis 1 can be imported");
            case "Reshape":
                return Reshaped(node, input);
            case "Squeeze" or "Unsqueeze":
                return input.Node.Shape.Count == input.Channels && !input.ChannelsLast ? input with { Extents = node.Operator == "Squeeze" ? [1, input.Channels] : [1, input.Channels, 1, 1] } : throw node.Error("only extents of 1 behind the channels can be left out");
            case "Gemm":
                if (node.Whole("transA", 0) != 0) throw node.Error("transA cannot be imported");
                Linear linear = _factory.FullyConnected(node, Row(node, input), Array(node, 1, "weights"), node.Whole("transB", 0) != 0, node.Number("alpha", 1));
                float[]? bias = node.HasInput(2) ? [.. OnnxLayerFactory.Vector(node, Array(node, 2, "bias"), linear.OutFeatures, "bias").Select(value => value * node.Number("beta", 1))] : null;
                return Chain(node, Row(node, input), bias is null ? linear : _factory.WithBias(linear, bias)!);
            case "MatMul":
                return Chain(node, Row(node, input), _factory.FullyConnected(node, Row(node, input), Array(node, 1, "weights"), byOutput: false, 1));
            default:
                throw Unknown(node);
        }
    }

    // A 1x1 convolution of a map that is pooled to one element.
    private OnnxFlow SingleElement(OnnxOperation node, OnnxFlow input)
    {
        OnnxArray weight = Array(node, 1, "weights");
        if (weight.Extents is not [_, _, 1, 1] || node.Whole("group", 1) != 1) throw node.Error("it convolves single values");
        Linear linear = _factory.FullyConnected(node, input, weight with { Extents = [weight.Extents[0], weight.Extents[1]] }, byOutput: true, 1);
        Layer layer = node.HasInput(2) ? _factory.WithBias(linear, OnnxLayerFactory.Vector(node, Array(node, 2, "bias"), linear.OutFeatures, "bias"))! : linear;
        return Chain(node, input, layer) with { Extents = [1, linear.OutFeatures, 1, 1] };
    }

    private OnnxFlow Normalised(OnnxOperation node, OnnxFlow input)
    {
        BatchNorm norm = _factory.Normalisation(node, input, [Array(node, 1, "scale"), Array(node, 2, "shift"), Array(node, 3, "mean"), Array(node, 4, "variance")]);
        return _fold && input.Node.Layers is [.., Conv2d conv] && IsReadOnce(node.Inputs[0]) ? Replaced(input, _factory.Folded(conv, norm)) : Chain(node, input, norm);
    }

    private OnnxFlow Activated(OnnxOperation node, OnnxFlow input, ActivationLayer layer) =>
        input.Node is { Kind: ImportNodeKind.Sum, Activation.Kind: ActivationKind.None } && IsReadOnce(node.Inputs[0])
            ? input with { Node = input.Node with { Activation = layer.Activation } }
            : Chain(node, input, layer) with { FlattenedByChannel = input.FlattenedByChannel };

    private OnnxFlow Clipped(OnnxOperation node, OnnxFlow input)
    {
        float least = node.HasInput(1) ? Scalar(node, 1) : node.Bound("min", float.MinValue), most = node.HasInput(2) ? Scalar(node, 2) : node.Bound("max", float.MaxValue);
        return least == 0 && most is 6 or >= 1e30f ? Activated(node, input, most == 6 ? new Relu6() : new Relu()) : throw node.Error($"values are limited to {least} to {most}; this engine has limits of 0 to 6 (ReLU6) and from 0 on (ReLU) only");
    }

    // What older operator sets have in place of HardSwish: a map times its hard sigmoid.
    private OnnxFlow Gated(OnnxOperation node, OnnxFlow a, OnnxFlow b)
    {
        foreach ((OnnxFlow map, OnnxFlow gate) in ((OnnxFlow, OnnxFlow)[])[(a, b), (b, a)])
            if (gate.Node is { Kind: ImportNodeKind.Layers, Layers: [HardSigmoid hard] } && ReferenceEquals(gate.Node.Source, map.Node) && MathF.Abs(hard.Activation.Slope - 1f / 6) < 1e-6f)
                return Chain(node, map, new HardSwish()) with { FlattenedByChannel = map.FlattenedByChannel };
        throw node.Error("products of two maps cannot be imported, but for a map and its hard sigmoid (HardSwish)");
    }

    private OnnxFlow Global(OnnxOperation node, OnnxFlow input, Layer pool)
    {
        OnnxLayerFactory.Map(node, input);
        return Chain(node, input, pool) with { Extents = [1, input.Channels, 1, 1] };
    }

    private OnnxFlow Sum(OnnxOperation node, OnnxFlow a, OnnxFlow b)
    {
        if (a.Node.Shape != b.Node.Shape) throw node.Error($"it adds maps of different shapes: {a.Node.Shape} and {b.Node.Shape}");
        if (a.ChannelsLast || b.ChannelsLast || a.FlattenedByChannel != b.FlattenedByChannel || a.Padding != default || b.Padding != default) throw node.Error("it adds values in different orders");
        return a with { Node = new ImportNode(_factory.Name(node), node, ImportNodeKind.Sum, [a.Node, b.Node], [], a.Node.Shape), Bins = null };
    }

    private OnnxFlow WithConstant(OnnxOperation node, OnnxMeaning[] inputs)
    {
        if (inputs is not ([OnnxFlow, OnnxKnown] or [OnnxKnown, OnnxFlow])) throw Unknown(node);
        bool reversed = inputs[0] is OnnxKnown;
        if (reversed && node.Operator is "Sub" or "Div" && inputs[0] is OnnxKnown) throw node.Error("a constant less or divided by a map cannot be imported");
        var input = (OnnxFlow)inputs[reversed ? 1 : 0];
        OnnxArray array = ((OnnxKnown)inputs[reversed ? 0 : 1]).Array;
        if (input.ChannelsLast || input.FlattenedByChannel is not null || input.Padding != default) throw node.Error("it computes on values whose order or padding this engine does not keep");
        // One number a channel: [c], [1, c] for rows; [c, 1, 1], [1, c, 1, 1] for maps.
        IReadOnlyList<long> extents = [.. array.Extents.SkipWhile(extent => extent == 1)];
        bool each = array.Count == 1 || (input.Extents.Count == 4 ? extents is [var channels, 1, 1] && channels == input.Channels : extents is [var features] && features == input.Channels);
        if (!each) throw node.Error($"a constant of shape [{string.Join(", ", array.Extents)}] is not one number for each channel");
        float[] values = OnnxLayerFactory.Vector(node, array, input.Channels, "constant");
        if (node.Operator is "Mul" or "Div") return Chain(node, input, _factory.Affine(node, input, node.Operator == "Mul" ? values : [.. values.Select(value => 1 / value)], null)) with { Extents = input.Extents };
        float[] shift = node.Operator == "Add" ? values : [.. values.Select(value => -value)];
        if (input.Node.Layers is [.., var last] && IsReadOnce(node.Inputs[reversed ? 1 : 0]) && _factory.WithBias(last, shift) is { } biased) return Replaced(input, biased);
        return Chain(node, input, _factory.Affine(node, input, [.. Enumerable.Repeat(1f, input.Channels)], shift)) with { Extents = input.Extents };
    }

    private OnnxFlow PaddedBy(OnnxOperation node, OnnxFlow input)
    {
        if (node.Text("mode", "constant") != "constant") throw node.Error($"padding by {node.Text("mode", "")} cannot be imported; by a constant it can");
        long[] pads = (node.HasInput(1) ? Array(node, 1, "pads").Integers : node.Wholes("pads")) ?? throw node.Error("it has no pads");
        if (node.HasInput(3) || pads is not [0, 0, >= 0 and <= ushort.MaxValue, >= 0 and <= ushort.MaxValue, 0, 0, >= 0 and <= ushort.MaxValue, >= 0 and <= ushort.MaxValue]) throw node.Error($"pads of {string.Join(", ", pads)} cannot be imported; only padding around a map can");
        float value = node.HasInput(2) ? Scalar(node, 2) : node.Bound("value", 0);
        OnnxLayerFactory.Map(node, input);
        return input with
        {
            Padding = ((int)pads[2], (int)pads[3], (int)pads[6], (int)pads[7]),
            PaddingValue = value,
            Extents = [1, input.Channels, input.Extents[2] + pads[2] + pads[6], input.Extents[3] + pads[3] + pads[7]],
        };
    }

    private static OnnxFlow Turned(OnnxOperation node, OnnxFlow input)
    {
        long[] order = node.Wholes("perm") ?? [3, 2, 1, 0];
        if (!input.ChannelsLast && input.IsMap && order is [0, 2, 3, 1]) return input with { ChannelsLast = true, Extents = [1, input.Extents[2], input.Extents[3], input.Extents[1]] };
        if (input.ChannelsLast && order is [0, 3, 1, 2]) return input with { ChannelsLast = false, Extents = [1, input.Extents[3], input.Extents[1], input.Extents[2]] };
        throw node.Error($"an order of {string.Join(", ", order)} cannot be imported; channels behind rows and columns can");
    }

    private OnnxFlow Reshaped(OnnxOperation node, OnnxFlow input)
    {
        long[] wanted = (node.HasInput(1) ? Array(node, 1, "shape").Integers : node.Wholes("shape")) ?? throw node.Error("its shape is not made of whole numbers");
        long count = input.Extents.Aggregate(1L, (product, extent) => product * extent);
        long[] shape = [.. wanted.Select((extent, i) => extent == 0 && i < input.Extents.Count ? input.Extents[i] : extent)];
        long given = shape.Where(extent => extent != -1).Aggregate(1L, (product, extent) => product * extent);
        if (shape.Count(extent => extent == -1) == 1 && given > 0 && count % given == 0) shape = [.. shape.Select(extent => extent == -1 ? count / given : extent)];
        if (shape.SequenceEqual(input.Extents)) return input;
        if (shape is [1, var row] && row == count) return Flattened(node, input);
        if (shape is [1, var channels, 1, 1] && channels == count && input.Node.Shape.Count == input.Channels) return input with { Extents = shape };
        throw node.Error($"[{string.Join(", ", input.Extents)}] to [{string.Join(", ", wanted)}] does not only flatten");
    }

    private OnnxFlow Flattened(OnnxOperation node, OnnxFlow input)
    {
        if (!input.IsMap) return input with { Extents = [1, input.Channels] };
        Shape map = input.Node.Shape;
        if (input.ChannelsLast || map is { Height: 1, Width: 1 }) return Chain(node, input, new Flatten()) with { Bins = input.Bins };
        if (map.Height == map.Width && map.Height <= Pyramid.MaxLevel) return Chain(node, input, new GridFlatten(map.Height)) with { Bins = input.Bins };
        return Chain(node, input, new Flatten()) with { FlattenedByChannel = map };
    }

    private OnnxFlow Concatenation(OnnxOperation node, OnnxMeaning[] inputs)
    {
        if (!System.Array.TrueForAll(inputs, input => input is OnnxFlow { ChannelsLast: false, FlattenedByChannel: null })) throw node.Error("it joins values that are constant or in another order");
        OnnxFlow[] flows = [.. inputs.Cast<OnnxFlow>()];
        if (node.Whole("axis", 1) is var axis && axis != 1 && axis != 1 - flows[0].Extents.Count) throw node.Error("only axis 1, the channels, can be joined");
        if (System.Array.TrueForAll(flows, flow => flow is { IsMap: false, Bins: not null }) && OnnxBins.Pyramid([.. flows.Select(flow => flow.Bins!)]) is { } pyramid)
            return Row(node, flows[0].Bins!.Map, new SpatialPyramidPool(pyramid));
        if (flows.Length == 1) return flows[0];
        Shape joined = ShapeRules.Concat([.. flows.Select(flow => flow.Node.Shape)]);
        return flows[0] with { Node = new ImportNode(_factory.Name(node), node, ImportNodeKind.Concat, [.. flows.Select(flow => flow.Node)], [], joined), Extents = [1, joined.Channels, .. flows[0].Extents.Skip(2)], Bins = null };
    }

    // Parts of a map, the maxima of each, and their joining: the bins of a pyramid.
    private OnnxMeaning Pieces(OnnxOperation node, OnnxMeaning[] inputs)
    {
        switch (node.Operator)
        {
            case "Slice":
                return Cut(node, inputs[0]);
            case "MaxPool" when inputs[0] is OnnxPiece { OpenAxis: > 0 } open:
                int[] kernel = node.Sides("kernel_shape", 2, 1) ?? [0, 0];
                (int height, int width) = open.OpenAxis == RowAxis ? ((int)open.Extents[RowAxis], 1) : (1, (int)open.Extents[ColumnAxis]);
                if ((kernel[0], kernel[1]) != (height, width) || (node.Wholes("pads") ?? []).Any(pad => pad != 0) || (node.Wholes("strides") ?? []).Any(stride => stride != 1)) break;
                return open with { OpenAxis = 0 };
            case "ReduceMax" when inputs[0] is OnnxPiece { OpenAxis: > 0 } open:
                long[] axes = node.HasInput(1) ? Array(node, 1, "axes").Integers ?? [] : node.Wholes("axes") ?? [];
                if (axes is not [var axis] || axis != open.OpenAxis || node.Whole("keepdims", 1) == 0) break;
                return open with { OpenAxis = 0 };
            case "Concat" when System.Array.TrueForAll(inputs, input => input is OnnxPiece { OpenAxis: 0 }):
                if (Joined([.. inputs.Cast<OnnxPiece>()], node.Whole("axis", 1)) is { } joined) return joined;
                break;
            case "Flatten" or "Reshape" when inputs[0] is OnnxPiece { OpenAxis: 0, Rows: { } rows, Columns: { } columns } piece:
                var bins = new OnnxBins(piece.Map, rows, columns);
                if (OnnxBins.Pyramid([bins]) is not { } pyramid) break;
                return Row(node, piece.Map, new SpatialPyramidPool(pyramid)) with { Bins = bins };
            case "Identity":
                return inputs[0];
        }
        throw node.Error("parts of a map can only be imported as the bins of a pyramid");
    }

    private OnnxPiece Cut(OnnxOperation node, OnnxMeaning input)
    {
        OnnxPiece piece = input switch
        {
            OnnxFlow { Padding: var padding } flow when padding == default => new OnnxPiece(OnnxLayerFactory.Map(node, flow), null, null, 0),
            OnnxPiece { OpenAxis: 0 } part => part,
            _ => throw node.Error("it cuts a part out of what is cut already"),
        };
        long[] starts = (node.HasInput(1) ? Array(node, 1, "starts").Integers : node.Wholes("starts")) ?? [], ends = (node.HasInput(2) ? Array(node, 2, "ends").Integers : node.Wholes("ends")) ?? [];
        long[] axes = (node.HasInput(3) ? Array(node, 3, "axes").Integers : node.Wholes("axes")) ?? [0];
        long[] steps = (node.HasInput(4) ? Array(node, 4, "steps").Integers : null) ?? [1];
        if (starts is not [var start] || ends is not [var end] || axes is not [RowAxis or ColumnAxis] || steps is not [1]) throw node.Error("only parts along rows or columns can be cut out");
        bool rows = axes[0] == RowAxis;
        if ((rows ? piece.Rows : piece.Columns) is not null) throw node.Error("it cuts a part out of bins");
        (int, int) range = OnnxArithmetic.Range(start, end, (int)piece.Extents[(int)axes[0]]);
        return rows ? piece with { Rows = [range], OpenAxis = RowAxis } : piece with { Columns = [range], OpenAxis = ColumnAxis };
    }

    private static OnnxPiece? Joined(OnnxPiece[] parts, long axis)
    {
        OnnxPiece first = parts[0];
        bool rows = axis == RowAxis;
        if (axis is not (RowAxis or ColumnAxis) || System.Array.Exists(parts, part => !ReferenceEquals(part.Map, first.Map) || (rows ? part.Rows : part.Columns) is null)) return null;
        if (System.Array.Exists(parts, part => !Same(rows ? part.Columns : part.Rows, rows ? first.Columns : first.Rows))) return null;
        return rows ? first with { Rows = [.. parts.SelectMany(part => part.Rows!)] } : first with { Columns = [.. parts.SelectMany(part => part.Columns!)] };

        static bool Same(IReadOnlyList<(int, int)>? a, IReadOnlyList<(int, int)>? b) => a is null ? b is null : b is not null && a.SequenceEqual(b);
    }

    private OnnxFlow Chain(OnnxOperation node, OnnxFlow input, Layer layer)
    {
        if (layer.Name.Length == 0) layer.Name = _factory.Name(node);
        ImportNode made = ImportNode.Chain(layer.Name, node, input.Node, [layer]);
        Shape shape = made.Shape;
        // Elementwise layers leave a pooled map's extents as the file has them.
        IReadOnlyList<long> extents = shape == input.Node.Shape && layer is not Linear ? input.Extents : shape.Rank == 4 ? [1, shape.Channels, shape.Height, shape.Width] : [1, shape.Channels];
        return new OnnxFlow(made, extents) { FlattenedByChannel = layer is Dropout ? input.FlattenedByChannel : null };
    }

    private OnnxFlow Row(OnnxOperation node, ImportNode map, Layer layer) => Chain(node, new OnnxFlow(map, []), layer);

    private static OnnxFlow Row(OnnxOperation node, OnnxFlow input) => !input.IsMap ? input : throw node.Error("it multiplies rows, but what it reads is a map");

    private static OnnxFlow Replaced(OnnxFlow flow, Layer last) =>
        flow with { Node = ImportNode.Chain(flow.Node.Name, flow.Node.Definition!, flow.Node.Source, [.. flow.Node.Layers.SkipLast(1), last]) };

    private bool IsReadOnce(string name) => _readers.GetValueOrDefault(name) == 1;

    private OnnxMeaning Meaning(OnnxOperation node, string name) => _meanings.TryGetValue(name, out OnnxMeaning? meaning)
        ? meaning
        : throw node.Error($"it reads '{name}', which is neither a constant nor computed before it; the graph runs in a circle or is out of order");

    private OnnxArray Array(OnnxOperation node, int index, string what) =>
        node.HasInput(index) && Meaning(node, node.Inputs[index]) is OnnxKnown known ? known.Array : throw node.Error($"its {what} are not constant");

    private float Scalar(OnnxOperation node, int index) => Array(node, index, "options") is { Count: 1 } one ? one.Floats?[0] ?? one.Integers![0] : throw node.Error("an option is a list");

    private static OnnxArray Constant(OnnxOperation node)
    {
        foreach (object value in node.Attributes.Values)
            switch (value)
            {
                case OnnxArray array:
                    return array;
                case float number:
                    return new OnnxArray([], [number], null);
                case long number:
                    return new OnnxArray([], null, [number]);
                case long[] list:
                    return OnnxArray.Of(list);
                case float[] list:
                    return new OnnxArray([list.Length], list, null);
            }
        throw node.Error("a constant of its kind cannot be imported");
    }

    private static ModelFormatException Unknown(OnnxOperation node) => node.Error($"operators of this kind cannot be imported; these can: {KnownOperators}");
}
