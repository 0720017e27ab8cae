namespace IlgpuSpp.Ops;

internal static class ConvCases
{
    private const double Tolerance = 4e-6, WinogradTolerance = 2e-5;

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
            foreach (OpCase c in (OpCase[])[.. Passes(s, reference: true), .. Packed(s, Tolerance, new(ActivationKind.Sigmoid))])
                yield return c;
        // Winograd's transform: from 64 tiles on, with packed weights from 16, and fewer where the map ends inside them.
        foreach (ReferenceConvShape s in (ReferenceConvShape[])[Shape(1, 14, 15, 64, 67, 3, 1, 1), Shape(4, 15, 14, 60, 64, 3, 1, 1), Shape(1, 29, 31, 17, 64, 5, 2, 2)])
            foreach (OpCase c in Packed(s, WinogradTolerance, new(ActivationKind.LeakyRelu, 0.9f)))
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

    // f(γ·(x ∗ w + bias − mean)/√(variance + ε) + β + added), each part there or not. A sigmoid's outputs are small beside its sums, by whose size Winograd's errors go.
    private static IEnumerable<OpCase> Packed(ReferenceConvShape s, double tolerance, Activation apart)
    {
        const float Epsilon = 0.01f;
        float[] x = TestValues.Uniform(s.InputLength, 41), w = TestValues.Uniform(s.WeightLength, 42), bias = TestValues.Uniform(s.OutChannels, 43), added = TestValues.Uniform(s.OutputLength, 44);
        float[] gamma = TestValues.Uniform(s.OutChannels, 45), beta = TestValues.Uniform(s.OutChannels, 46), mean = TestValues.Uniform(s.OutChannels, 47);
        float[] variance = [.. TestValues.Uniform(s.OutChannels, 48).Select(value => 1 + 0.5f * value)];
        var geometry = new ConvGeometry(s.KernelHeight, s.KernelWidth, s.StrideHeight, s.StrideWidth, s.PadHeight, s.PadWidth, s.Groups) { PadBottom = s.PadBottom, PadRight = s.PadRight };
        int[] input = [s.Batch, s.Height, s.Width, s.InChannels], output = [s.Batch, s.OutHeight, s.OutWidth, s.OutChannels];
        int[] weights = [s.KernelHeight, s.KernelWidth, s.InChannels / s.Groups, s.OutChannels];
        foreach ((bool biased, bool normalised, Addend addend, Activation f) in ((bool, bool, Addend, Activation)[])
        [
            (true, false, Addend.None, Activation.None),
            (false, true, Addend.Other, Activation.Relu),
            (true, true, Addend.Output, new(ActivationKind.LeakyRelu, 0.2f)),
            (true, false, Addend.Other, apart),
        ])
        {
            string parts = $"{(biased ? " bias" : "")}{(normalised ? " normalised" : "")}{(addend == Addend.None ? "" : $" added {addend}")} {f.Kind}";
            yield return new($"ConvForwardPacked {s.Batch}x{s.Height}x{s.Width}x{s.InChannels}->{s.OutChannels} {s.KernelHeight}/{s.StrideHeight} groups {s.Groups}{parts}", tolerance, t =>
            {
                Tensor xt = t.Put(x, input), wt = t.Put(w, weights), y = addend == Addend.Output ? t.Put(added, output) : t.Room(output);
                Tensor? bt = biased ? t.Put(bias, s.OutChannels) : null, at = addend switch { Addend.Output => y, Addend.Other => t.Put(added, output), _ => null };
                FixedBatchNorm? norm = normalised ? new(t.Put(gamma, s.OutChannels), t.Put(beta, s.OutChannels), t.Put(mean, s.OutChannels), t.Put(variance, s.OutChannels), Epsilon) : null;
                using PackedConv? packed = t.Backend.PackConv(new ConvSource(wt, bt, geometry, norm));
                if (packed is not null)
                {
                    t.Backend.ConvForward(xt, packed, at, y, f);
                    return [y.ToArray()];
                }
                // What layers do where the backend packs nothing.
                Tensor sum = t.Room(output), normal = t.Room(output);
                t.Backend.ConvForward(xt, wt, bt, sum, geometry, Activation.None);
                if (norm is not null) t.Backend.BatchNormForwardInference(sum, norm.Gamma, norm.Beta, normal, norm.Mean, norm.Variance, Epsilon);
                else normal = sum;
                if (at is not null) t.Backend.Add(normal, at, y);
                else t.Backend.Copy(normal, y);
                if (f.Kind != ActivationKind.None) t.Backend.ActivationForward(f, y, y);
                return [y.ToArray()];
            }, () =>
            {
                double[] sums = ReferenceConv.Forward(x, w, biased ? bias : null, s).Value;
                for (int i = 0; i < sums.Length; i++)
                {
                    int c = i % s.OutChannels;
                    if (normalised) sums[i] = gamma[c] * (sums[i] - mean[c]) / Math.Sqrt((double)variance[c] + Epsilon) + beta[c];
                    if (addend != Addend.None) sums[i] += added[i];
                }
                return [ReferenceActivation.Apply(f, sums)];
            });
        }
    }

    private enum Addend
    {
        None,
        Other,
        Output,
    }
}
