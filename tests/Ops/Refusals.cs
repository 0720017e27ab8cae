namespace IlgpuSpp.Ops;

/// <summary>A call that every device must refuse before it writes anything.</summary>
/// <param name="Name">Unique; begins with the operation's name.</param>
/// <param name="Exception">The exception's type.</param>
/// <param name="Words">What its message must name beside the operation: both shapes, or the option.</param>
/// <param name="Call">The call.</param>
public sealed record Refusal(string Name, Type Exception, string[] Words, Action<Bench> Call)
{
    /// <summary>What is wrong with how a device answers; null where it refuses as it must.</summary>
    public string? Miss(Backend backend)
    {
        using var bench = new Bench(backend);
        string device = $"{Name} on {backend.Device.Name}";
        try
        {
            Call(bench);
        }
        catch (IlgpuSppException error)
        {
            if (error.GetType() != Exception) return $"{device}: {error.GetType().Name}, expected {Exception.Name}: {error.Message}";
            string? missing = Words.Prepend(Name.Split(' ')[0]).FirstOrDefault(word => !error.Message.Contains(word, StringComparison.Ordinal));
            if (missing is not null) return $"{device}: '{error.Message}' does not name {missing}";
            return bench.Untouched ? null : $"{device}: an output was written";
        }
        return $"{device}: not refused";
    }

    public override string ToString() => Name;
}

/// <summary>The table of refusals.</summary>
public static class Refusals
{
    public static IReadOnlyList<Refusal> All { get; } = [.. Elementwise(), .. Products(), .. Windows(), .. Normalisations(), .. Losses(), .. Reductions(), .. Updates()];

    private static Refusal Shapes(string name, string expected, string actual, Action<Bench> call) => new(name, typeof(ShapeMismatchException), [expected, actual], call);

    private static Refusal Option(string name, string word, Action<Bench> call) => new(name, typeof(OptionsException), [word], call);

    private static Refusal Overlap(string name, string output, string other, Action<Bench> call) => new(name, typeof(OverlapException), [output, other], call);

    private static IEnumerable<Refusal> Elementwise()
    {
        yield return Shapes("Copy", "[4]", "[5]", t => t.Backend.Copy(t.Room(4), t.Room(5)));
        yield return Shapes("Copy from too few values", "[4]", "[3]", t => t.Room(4).Upload(new float[3]));
        yield return Shapes("Copy to too many values", "[4]", "[5]", t => t.Room(4).Download(new float[5]));
        yield return Shapes("Add of a short operand", "[5]", "[4]", t => t.Backend.Add(t.Room(4), t.Room(5), t.Room(4)));
        yield return Shapes("Add into a long output", "[4]", "[5]", t => t.Backend.Add(t.Room(4), t.Room(4), t.Room(5)));
        yield return Shapes("Multiply", "[4]", "[5]", t => t.Backend.Multiply(t.Room(4), t.Room(4), t.Room(5)));
        yield return Shapes("Scale", "[4]", "[5]", t => t.Backend.Scale(t.Room(4), 2, t.Room(5)));
        yield return Shapes("Accumulate", "[4]", "[5]", t => t.Backend.Accumulate(t.Room(4), 1, t.Room(5)));
        yield return Overlap("Add half over its input", "[4]", "[4]", t => { Tensor x = t.Room(6); t.Backend.Add(x.View(new Shape(4)), x.View(new Shape(4)), x.View(new Shape(4), 2)); });
        yield return Shapes("ActivationForward", "[4]", "[5]", t => t.Backend.ActivationForward(Activation.Relu, t.Room(4), t.Room(5)));
        yield return Option("ActivationForward of an unknown kind", "activation", t => t.Backend.ActivationForward(new Activation((ActivationKind)99), t.Room(4), t.Room(4)));
        yield return Shapes("ActivationBackward", "[4]", "[5]", t => t.Backend.ActivationBackward(Activation.Relu, t.Room(4), t.Room(4), t.Room(5)));
        yield return Shapes("PReluForward", "[2, 3]", "[3, 2]", t => t.Backend.PReluForward(t.Room(2, 3), t.Room(3), t.Room(3, 2)));
        yield return Shapes("PReluForward with a slope too few", "[3]", "[2]", t => t.Backend.PReluForward(t.Room(2, 3), t.Room(2), t.Room(2, 3)));
        yield return Shapes("PReluBackward", "[3]", "[4]", t => t.Backend.PReluBackward(t.Room(2, 3), t.Room(3), t.Room(2, 3), null, t.Room(4)));
        yield return Shapes("ConcatForward of other rows", "[4, 5]", "[3, 2]", t => t.Backend.ConcatForward([t.Room(4, 3), t.Room(3, 2)], t.Room(4, 5)));
        yield return Shapes("ConcatForward into too few channels", "[4, 4]", "[4, 3]", t => t.Backend.ConcatForward([t.Room(4, 3), t.Room(4, 2)], t.Room(4, 4)));
        yield return Shapes("ConcatBackward", "[4, 4]", "[4, 3]", t => t.Backend.ConcatBackward(t.Room(4, 4), [t.Room(4, 3), t.Room(4, 2)]));
        yield return Option("DropoutForward at rate 1", "rate", t => t.Backend.DropoutForward(t.Room(4), t.Room(4), 1, default));
        yield return Option("DropoutForward at rate NaN", "rate", t => t.Backend.DropoutForward(t.Room(4), t.Room(4), float.NaN, default));
        yield return Option("DropoutBackward at rate -0.1", "rate", t => t.Backend.DropoutBackward(t.Room(4), t.Room(4), -0.1f, default));
        yield return Shapes("DropoutBackward", "[4]", "[5]", t => t.Backend.DropoutBackward(t.Room(4), t.Room(5), 0.5f, default));
    }

    private static IEnumerable<Refusal> Products()
    {
        yield return Shapes("Gemm of other depths", "[2, 3]", "[4, 5]", t => t.Backend.Gemm(false, false, 1, t.Room(2, 3), t.Room(4, 5), 0, t.Room(2, 5)));
        yield return Shapes("Gemm into another shape", "[2, 5]", "[5, 2]", t => t.Backend.Gemm(false, false, 1, t.Room(2, 3), t.Room(3, 5), 0, t.Room(5, 2)));
        yield return Shapes("Gemm of a vector", "2 dimensions", "[6]", t => t.Backend.Gemm(false, false, 1, t.Room(6), t.Room(3, 5), 0, t.Room(2, 5)));
        yield return Overlap("Gemm onto its factor", "[3, 3]", "[3, 3]", t => { Tensor a = t.Room(3, 3); t.Backend.Gemm(false, false, 1, a, t.Room(3, 3), 0, a); });
        yield return Shapes("LinearForward of other rows", "[2, 3]", "[2, 4]", t => t.Backend.LinearForward(t.Room(2, 4), t.Room(5, 3), null, t.Room(2, 5), Activation.None));
        yield return Shapes("LinearForward with another bias", "[5]", "[4]", t => t.Backend.LinearForward(t.Room(2, 3), t.Room(5, 3), t.Room(4), t.Room(2, 5), Activation.None));
        yield return Option("LinearForward with an unknown activation", "activation", t => t.Backend.LinearForward(t.Room(2, 3), t.Room(5, 3), null, t.Room(2, 5), new Activation((ActivationKind)(-1))));
        yield return Shapes("LinearBackwardInput", "[2, 5]", "[2, 4]", t => t.Backend.LinearBackwardInput(t.Room(2, 4), t.Room(5, 3), t.Room(2, 3)));
        yield return Shapes("LinearBackwardParameters", "[5]", "[6]", t => t.Backend.LinearBackwardParameters(t.Room(2, 3), t.Room(2, 5), t.Room(5, 3), t.Room(6)));
    }

    private static IEnumerable<Refusal> Windows()
    {
        ConvGeometry three = ConvGeometry.Square(3);
        PoolGeometry two = PoolGeometry.Square(2, 2);
        var pyramid = new Pyramid([1, 2]);
        yield return Shapes("ConvForward into another shape", "[1, 3, 3, 4]", "[1, 3, 2, 4]", t => t.Backend.ConvForward(t.Room(1, 5, 5, 2), t.Room(3, 3, 2, 4), null, t.Room(1, 3, 2, 4), three, Activation.None));
        yield return Shapes("ConvForward with other weights", "[3, 3, 2, 4]", "[3, 3, 1, 4]", t => t.Backend.ConvForward(t.Room(1, 5, 5, 2), t.Room(3, 3, 1, 4), null, t.Room(1, 3, 3, 4), three, Activation.None));
        yield return Shapes("ConvForward in groups that do not divide", "[3, 3, 1, 4]", "[1, 5, 5, 2]", t => t.Backend.ConvForward(t.Room(1, 5, 5, 2), t.Room(3, 3, 1, 4), null, t.Room(1, 3, 3, 4), ConvGeometry.Square(3, groups: 3), Activation.None));
        yield return Option("ConvForward at stride 0", "stride", t => t.Backend.ConvForward(t.Room(1, 5, 5, 2), t.Room(3, 3, 2, 4), null, t.Room(1, 3, 3, 4), ConvGeometry.Square(3, stride: 0), Activation.None));
        yield return Option("ConvForward with padding -1", "padding", t => t.Backend.ConvForward(t.Room(1, 5, 5, 2), t.Room(3, 3, 2, 4), null, t.Room(1, 3, 3, 4), ConvGeometry.Square(3, pad: -1), Activation.None));
        yield return new("Conv of a map smaller than the window", typeof(InputTooSmallException), ["2x2", "3x3"], t => t.Backend.ConvForward(t.Room(1, 2, 2, 2), t.Room(3, 3, 2, 4), null, t.Room(1, 1, 1, 4), three, Activation.None));
        yield return Overlap("ConvForward onto its input", "[1, 5, 5, 2]", "[1, 5, 5, 2]", t => { Tensor x = t.Room(1, 5, 5, 2); t.Backend.ConvForward(x, t.Room(1, 1, 2, 2), null, x, ConvGeometry.Square(1), Activation.None); });
        yield return Shapes("ConvBackwardInput", "[1, 3, 3, 4]", "[1, 4, 3, 4]", t => t.Backend.ConvBackwardInput(t.Room(1, 4, 3, 4), t.Room(3, 3, 2, 4), t.Room(1, 5, 5, 2), three));
        yield return Shapes("ConvBackwardParameters", "[4]", "[3]", t => t.Backend.ConvBackwardParameters(t.Room(1, 5, 5, 2), t.Room(1, 3, 3, 4), t.Room(3, 3, 2, 4), t.Room(3), three));
        yield return Shapes("MaxPoolForward", "[1, 3, 3, 4]", "[1, 3, 2, 4]", t => t.Backend.MaxPoolForward(t.Room(1, 6, 6, 4), t.Room(1, 3, 2, 4), null, two));
        yield return Shapes("MaxPoolForward with few places", "[1, 3, 3, 4]", "[5]", t => t.Backend.MaxPoolForward(t.Room(1, 6, 6, 4), t.Room(1, 3, 3, 4), t.IndexRoom(5), two));
        yield return new("Pool of a map smaller than the window", typeof(InputTooSmallException), ["6x6", "7x7"], t => t.Backend.MaxPoolForward(t.Room(1, 6, 6, 4), t.Room(1, 3, 3, 4), null, PoolGeometry.Square(7, 2)));
        yield return Option("MaxPoolForward padded as wide as the window", "padding", t => t.Backend.MaxPoolForward(t.Room(1, 6, 6, 4), t.Room(1, 3, 3, 4), null, PoolGeometry.Square(2, 2, 2)));
        yield return Option("MaxPoolForward at stride 0", "stride", t => t.Backend.MaxPoolForward(t.Room(1, 6, 6, 4), t.Room(1, 3, 3, 4), null, PoolGeometry.Square(2, 0)));
        yield return Shapes("MaxPoolBackward", "[1, 3, 3, 4]", "[1, 2, 3, 4]", t => t.Backend.MaxPoolBackward(t.Room(1, 2, 3, 4), t.IndexRoom(1, 2, 3, 4), t.Room(1, 6, 6, 4), two));
        yield return Shapes("AveragePoolForward", "[1, 3, 3, 4]", "[1, 3, 3, 5]", t => t.Backend.AveragePoolForward(t.Room(1, 6, 6, 4), t.Room(1, 3, 3, 5), two, AveragePoolDivisor.Padded));
        yield return Shapes("AveragePoolBackward", "[1, 3, 3, 4]", "[2, 3, 3, 4]", t => t.Backend.AveragePoolBackward(t.Room(2, 3, 3, 4), t.Room(1, 6, 6, 4), two, AveragePoolDivisor.Valid));
        yield return Shapes("PyramidForward", "[2, 15]", "[2, 14]", t => t.Backend.PyramidForward(t.Room(2, 5, 6, 3), t.Room(2, 14), null, pyramid));
        yield return Shapes("PyramidForward with few places", "[2, 15]", "[2, 5]", t => t.Backend.PyramidForward(t.Room(2, 5, 6, 3), t.Room(2, 15), t.IndexRoom(2, 5), pyramid));
        yield return Shapes("PyramidPool of rows", "feature map", "[2, 75]", t => t.Backend.PyramidForward(t.Room(2, 75), t.Room(2, 15), null, pyramid));
        yield return Option("Pyramid by a rule that does not fit the map", "Adaptive", t => t.Backend.PyramidForward(t.Room(2, 5, 8, 3), t.Room(2, 27), null, new Pyramid([3], PyramidRule.SlidingWindow)));
        yield return Shapes("PyramidBackward", "[2, 15]", "[3, 15]", t => t.Backend.PyramidBackward(t.Room(3, 15), t.IndexRoom(3, 15), t.Room(2, 5, 6, 3), pyramid));
        yield return Shapes("WindowPyramidForward of rows that are no windows", "[7, 5]", "[7, 4]", t => t.Backend.WindowPyramidForward(t.Room(2, 5, 6, 3), t.IndexRoom(7, 4), t.Room(7, 15), null, pyramid));
        yield return Shapes("WindowPyramidForward", "[7, 15]", "[6, 15]", t => t.Backend.WindowPyramidForward(t.Room(2, 5, 6, 3), t.IndexRoom(7, 5), t.Room(6, 15), null, pyramid));
        yield return Option("WindowPyramidForward by another rule", "Adaptive", t => t.Backend.WindowPyramidForward(t.Room(2, 5, 6, 3), t.IndexRoom(7, 5), t.Room(7, 15), null, new Pyramid([1, 2], PyramidRule.SlidingWindow)));
        yield return Shapes("WindowPyramidBackward", "[7, 15]", "[7, 12]", t => t.Backend.WindowPyramidBackward(t.Room(7, 12), t.IndexRoom(7, 5), t.IndexRoom(7, 12), t.Room(2, 5, 6, 3), pyramid));
    }

    private static IEnumerable<Refusal> Normalisations()
    {
        var within = new LrnGeometry(LrnRegion.WithinChannel, 3, 1, 0.75f);
        yield return Shapes("LrnForward", "[1, 2, 2, 3]", "[1, 2, 3, 2]", t => t.Backend.LrnForward(t.Room(1, 2, 2, 3), t.Room(1, 2, 3, 2), null, within));
        yield return Shapes("LrnForward of a vector", "4 dimensions", "[36]", t => t.Backend.LrnForward(t.Room(36), t.Room(36), null, within));
        yield return Option("LrnForward over an even window", "window side", t => t.Backend.LrnForward(t.Room(1, 2, 2, 3), t.Room(1, 2, 2, 3), null, within with { Size = 4 }));
        yield return Shapes("LrnBackward", "[1, 2, 2, 3]", "[1, 2, 2, 4]", t => t.Backend.LrnBackward(t.Room(1, 2, 2, 3), t.Room(1, 2, 2, 3), t.Room(1, 2, 2, 3), t.Room(1, 2, 2, 4), t.Room(1, 2, 2, 3), within));
        yield return Shapes("LrnBackward with another scale", "[1, 2, 2, 3]", "[2, 2, 3]", t => t.Backend.LrnBackward(t.Room(1, 2, 2, 3), t.Room(1, 2, 2, 3), t.Room(2, 2, 3), t.Room(1, 2, 2, 3), t.Room(1, 2, 2, 3), within));
        yield return Shapes("BatchNormForwardTraining", "[3]", "[2]", t => t.Backend.BatchNormForwardTraining(t.Room(4, 3), t.Room(3), t.Room(3), t.Room(4, 3), t.Room(3), t.Room(2), t.Room(3), t.Room(3), 0.1f, 1e-5f));
        yield return Shapes("BatchNormForwardInference", "[4, 3]", "[3, 4]", t => t.Backend.BatchNormForwardInference(t.Room(4, 3), t.Room(3), t.Room(3), t.Room(3, 4), t.Room(3), t.Room(3), 1e-5f));
        yield return Shapes("BatchNormBackward", "[3]", "[5]", t => t.Backend.BatchNormBackward(t.Room(4, 3), t.Room(3), t.Room(3), t.Room(3), t.Room(4, 3), t.Room(4, 3), t.Room(5), t.Room(3)));
        yield return Shapes("BatchNormBackward into another shape", "[4, 3]", "[4, 4]", t => t.Backend.BatchNormBackward(t.Room(4, 3), t.Room(3), t.Room(3), t.Room(3), t.Room(4, 3), t.Room(4, 4), t.Room(3), t.Room(3)));
        yield return Overlap("BatchNormForwardInference in place", "[4, 3]", "[4, 3]", t => { Tensor x = t.Room(4, 3); t.Backend.BatchNormForwardInference(x, t.Room(3), t.Room(3), x, t.Room(3), t.Room(3), 1e-5f); });
    }

    private static IEnumerable<Refusal> Losses()
    {
        yield return Shapes("Softmax into other columns", "[3, 4]", "[3, 5]", t => t.Backend.Softmax(t.Room(3, 4), t.Room(3, 5)));
        yield return Shapes("Softmax into as many elements of another shape", "[3, 4]", "[4, 3]", t => t.Backend.Softmax(t.Room(3, 4), t.Room(4, 3)));
        yield return Shapes("Softmax of a vector", "2 dimensions", "[4]", t => t.Backend.Softmax(t.Room(4), t.Room(4)));
        yield return Shapes("CrossEntropyForward with another number of labels", "[3]", "[4]", t => t.Backend.CrossEntropyForward(t.Room(3, 4), t.IndexRoom(4), t.Room(3, 4), t.Room(3), 0));
        yield return Shapes("CrossEntropyForward with another number of losses", "[3]", "[4]", t => t.Backend.CrossEntropyForward(t.Room(3, 4), t.IndexRoom(3), t.Room(3, 4), t.Room(4), 0));
        yield return Shapes("CrossEntropyForward with turned probabilities", "[3, 4]", "[4, 3]", t => t.Backend.CrossEntropyForward(t.Room(3, 4), t.IndexRoom(3), t.Room(4, 3), t.Room(3), 0));
        yield return Shapes("CrossEntropyForward of no classes", "[3, 1]", "[3, 0]", t => t.Backend.CrossEntropyForward(t.Room(3, 0), t.IndexRoom(3), t.Room(3, 0), t.Room(3), 0));
        yield return Option("CrossEntropyForward smoothed by 1.5", "smoothing", t => t.Backend.CrossEntropyForward(t.Room(3, 4), t.IndexRoom(3), t.Room(3, 4), t.Room(3), 1.5f));
        yield return Overlap("CrossEntropyForward over its logits", "[3, 4]", "[3, 4]", t => { Tensor x = t.Room(3, 4); t.Backend.CrossEntropyForward(x, t.IndexRoom(3), x, t.Room(3), 0); });
        yield return Shapes("FocalForward with turned targets", "[3, 4]", "[4, 3]", t => t.Backend.FocalForward(t.Room(3, 4), t.Room(4, 3), t.Room(3, 4), t.Room(3), 2));
        yield return Option("FocalForward focused by -1", "focus", t => t.Backend.FocalForward(t.Room(3, 4), t.Room(3, 4), t.Room(3, 4), t.Room(3), -1));
        yield return Shapes("FocalBackward", "[3, 4]", "[4, 3]", t => t.Backend.FocalBackward(t.Room(3, 4), t.Room(3, 4), t.Room(4, 3), 2, 1));
        yield return Overlap("FocalBackward over its probabilities", "[3, 4]", "[3, 4]", t => { Tensor p = t.Room(3, 4); t.Backend.FocalBackward(p, t.Room(3, 4), p, 2, 1); });
        yield return Shapes("CrossEntropyBackward", "[3, 4]", "[4, 3]", t => t.Backend.CrossEntropyBackward(t.Room(3, 4), t.IndexRoom(3), t.Room(4, 3), 0, 1));
        yield return Shapes("SmoothL1Forward with other targets", "[3, 4]", "[4, 3]", t => t.Backend.SmoothL1Forward(t.Room(3, 4), t.Room(4, 3), t.Room(3, 4), t.Room(3), 1));
        yield return Shapes("SmoothL1Forward with other losses", "[3]", "[4]", t => t.Backend.SmoothL1Forward(t.Room(3, 4), t.Room(3, 4), t.Room(3, 4), t.Room(4), 1));
        yield return Option("SmoothL1Forward with its corner at 0", "beta", t => t.Backend.SmoothL1Forward(t.Room(3, 4), t.Room(3, 4), t.Room(3, 4), t.Room(3), 0));
        yield return Option("SmoothL1Backward with its corner at NaN", "beta", t => t.Backend.SmoothL1Backward(t.Room(3, 4), t.Room(3, 4), t.Room(3, 4), t.Room(3, 4), float.NaN, 1));
        yield return Shapes("SmoothL1Backward", "[3, 4]", "[12]", t => t.Backend.SmoothL1Backward(t.Room(3, 4), t.Room(3, 4), t.Room(3, 4), t.Room(12), 1, 1));
        yield return Shapes("SmoothL1Backward of a vector", "2 dimensions", "[12]", t => t.Backend.SmoothL1Backward(t.Room(12), t.Room(12), t.Room(12), t.Room(12), 1, 1));
    }

    private static IEnumerable<Refusal> Reductions()
    {
        yield return Shapes("Sum", "[1]", "[2]", t => t.Backend.Sum(t.Room(3, 4), t.Room(2)));
        yield return Shapes("SumOfSquares", "[1]", "[2]", t => t.Backend.SumOfSquares(t.Room(3, 4), t.Room(2), false));
        yield return Shapes("ColumnSums", "[4]", "[3]", t => t.Backend.ColumnSums(t.Room(3, 4), t.Room(3), false));
        yield return Shapes("ArgmaxRows", "[3]", "[4]", t => t.Backend.ArgmaxRows(t.Room(3, 4), t.IndexRoom(4)));
        yield return Shapes("ArgmaxRows of a map", "2 dimensions", "[1, 3, 1, 4]", t => t.Backend.ArgmaxRows(t.Room(1, 3, 1, 4), t.IndexRoom(1)));
        yield return Shapes("ArgmaxRows of no columns", "[3, 1]", "[3, 0]", t => t.Backend.ArgmaxRows(t.Room(3, 0), t.IndexRoom(3)));
        yield return Shapes("LabelRanks with other labels", "[3]", "[4]", t => t.Backend.LabelRanks(t.Room(3, 4), t.IndexRoom(4), t.IndexRoom(3)));
        yield return Shapes("LabelRanks with other ranks", "[3]", "[2]", t => t.Backend.LabelRanks(t.Room(3, 4), t.IndexRoom(3), t.IndexRoom(2)));
    }

    private static IEnumerable<Refusal> Updates()
    {
        var sgd = new SgdStep(0.1f, 0.9f, 0);
        var adamW = new AdamWStep(0.1f, 0.9f, 0.99f, 1e-8f, 0, 1);
        yield return Shapes("SgdUpdate", "[4]", "[5]", t => t.Backend.SgdUpdate([new OptimiserSlot(t.Room(4), t.Room(5), t.Room(4), null, 1, 1)], sgd));
        yield return Option("SgdUpdate without a velocity", "first state", t => t.Backend.SgdUpdate([new OptimiserSlot(t.Room(4), t.Room(4), null, null, 1, 1)], sgd));
        yield return Option("AdamWUpdate without a variance", "second state", t => t.Backend.AdamWUpdate([new OptimiserSlot(t.Room(4), t.Room(4), t.Room(4), null, 1, 1)], adamW));
        yield return Option("AdamWUpdate in step 0", "step", t => t.Backend.AdamWUpdate([new OptimiserSlot(t.Room(4), t.Room(4), t.Room(4), t.Room(4), 1, 1)], adamW with { Step = 0 }));
        yield return Overlap("SgdUpdate with its gradient for its state", "[4]", "[4]", t => { Tensor w = t.Room(4); t.Backend.SgdUpdate([new OptimiserSlot(w, w, t.Room(4), null, 1, 1)], sgd); });
        yield return Option("ExponentialAverage of fewer values", "values", t => t.Backend.ExponentialAverage([t.Room(4)], [], 0.9f));
        yield return Shapes("ExponentialAverage", "[5]", "[4]", t => t.Backend.ExponentialAverage([t.Room(4)], [t.Room(5)], 0.9f));
    }
}
