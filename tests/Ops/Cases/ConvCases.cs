namespace IlgpuSpp.Ops;

internal static class ConvCases
{
    private const double Tolerance = 4e-6;

    public static IEnumerable<OpCase> All()
    {
        // One pixel; three channels as a first layer has; strides that leave phases without taps; groups; odd channels.
        foreach (ReferenceConvShape s in (ReferenceConvShape[])
        [
            Shape(1, 1, 1, 3, 2, 1, 1, 0),
            Shape(2, 9, 7, 3, 5, 7, 2, 1),
            Shape(1, 6, 5, 8, 12, 3, 1, 1),
            Shape(2, 7, 7, 4, 33, 5, 2, 2),
            Shape(1, 8, 8, 6, 10, 3, 1, 1, 2),
            Shape(1, 9, 9, 8, 8, 1, 2, 0),
            Shape(1, 7, 8, 8, 16, 3, 3, 0, 2),
            Shape(2, 9, 8, 4, 6, 3, 2, 1) with { PadBottom = 0, PadRight = 0 },
        ])
            foreach (OpCase c in Passes(s, reference: true))
                yield return c;
    }

    /// <summary>The convolutions of ZF-5 at batch 4.</summary>
    public static IEnumerable<OpCase> Real()
    {
        foreach (ReferenceConvShape s in (ReferenceConvShape[])
        [
            Shape(4, 224, 224, 3, 96, 7, 2, 1),
            Shape(4, 55, 55, 96, 256, 5, 2, 0),
            Shape(4, 13, 13, 256, 384, 3, 1, 1),
            Shape(4, 10, 10, 384, 256, 3, 1, 1, 2),
        ])
            foreach (OpCase c in Passes(s, reference: false))
                yield return c;
    }

    /// <summary>Direct ones with few and many channels, and the two that the Winograd transform does.</summary>
    public static IEnumerable<OpCase> Segmented()
    {
        foreach (ReferenceConvShape s in (ReferenceConvShape[])
        [
            Shape(2, 12, 11, 34, 16, 3, 1, 1),
            Shape(2, 12, 11, 34, 8, 3, 2, 1),
            Shape(3, 9, 10, 66, 5, 3, 1, 0),
            Shape(2, 15, 14, 30, 52, 5, 1, 2, 2),
            Shape(2, 35, 34, 65, 67, 3, 1, 1),
            Shape(2, 41, 43, 17, 70, 5, 2, 2),
        ])
            foreach (OpCase c in Passes(s, reference: false))
                yield return c;
    }

    private static ReferenceConvShape Shape(int n, int h, int w, int inputs, int outputs, int kernel, int stride, int pad, int groups = 1) =>
        new(n, h, w, inputs, outputs, kernel, kernel, stride, stride, pad, pad, groups);

    private static IEnumerable<OpCase> Passes(ReferenceConvShape s, bool reference)
    {
        float[] x = TestValues.Uniform(s.InputLength, 31), w = TestValues.Uniform(s.WeightLength, 32), bias = TestValues.Uniform(s.OutChannels, 33);
        float[] dy = TestValues.Uniform(s.OutputLength, 34), dw = TestValues.Uniform(s.WeightLength, 35), dBias = TestValues.Uniform(s.OutChannels, 36);
        var geometry = new ConvGeometry(s.KernelHeight, s.KernelWidth, s.StrideHeight, s.StrideWidth, s.PadHeight, s.PadWidth, s.Groups) { PadBottom = s.PadBottom, PadRight = s.PadRight };
        string size = $"{s.Batch}x{s.Height}x{s.Width}x{s.InChannels}->{s.OutChannels} {s.KernelHeight}/{s.StrideHeight} pad {s.PadHeight} groups {s.Groups}";
        int[] input = [s.Batch, s.Height, s.Width, s.InChannels], output = [s.Batch, s.OutHeight, s.OutWidth, s.OutChannels];
        int[] weights = [s.KernelHeight, s.KernelWidth, s.InChannels / s.Groups, s.OutChannels];
        foreach (Activation f in reference ? (Activation[])[Activation.None, Activation.Relu, new(ActivationKind.Sigmoid), new(ActivationKind.HardSigmoid, 0.9f)] : [Activation.Relu])
        {
            yield return new($"ConvForward {size} {f.Kind}", Tolerance, t =>
            {
                Tensor y = t.Room(output);
                t.Backend.ConvForward(t.Put(x, input), t.Put(w, weights), t.Put(bias, s.OutChannels), y, geometry, f);
                return [y.ToArray()];
            }, !reference ? null : () => [ReferenceActivation.Apply(f, ReferenceConv.Forward(x, w, bias, s).Value)]);
        }
        yield return new($"ConvBackwardInput {size}", Tolerance, t =>
        {
            Tensor dx = t.Room(input);
            t.Backend.ConvBackwardInput(t.Put(dy, output), t.Put(w, weights), dx, geometry);
            return [dx.ToArray()];
        }, !reference ? null : () => [ReferenceConv.InputGradient(dy, w, s).Value]);
        yield return new($"ConvBackwardParameters {size}", reference ? Tolerance : 1e-5, t =>
        {
            Tensor dwt = t.Put(dw, weights), dbt = t.Put(dBias, s.OutChannels);
            t.Backend.ConvBackwardParameters(t.Put(x, input), t.Put(dy, output), dwt, dbt, geometry);
            return [dwt.ToArray(), dbt.ToArray()];
        }, !reference ? null : () =>
        [
            ReferenceConv.WeightGradient(x, dy, dw, s).Value,
            ReferenceLinear.BiasGradient(dy, dBias, s.OutputLength / s.OutChannels, s.OutChannels).Value,
        ]);
    }
}
