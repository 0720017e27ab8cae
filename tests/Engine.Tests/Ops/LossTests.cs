namespace IlgpuSpp.Engine.Tests;

public sealed class LossTests
{
    public static TheoryData<string, int, int> Runs
    {
        get
        {
            var runs = new TheoryData<string, int, int>();
            foreach (string device in TestDevices.All)
                foreach (var (rows, columns) in new[] { (1, 1), (5, 3), (9, 21), (4, 130), (3, 1000) })
                    runs.Add(device, rows, columns);
            return runs;
        }
    }

    [Theory, MemberData(nameof(Runs))]
    public void Cross_entropy_matches_the_reference_and_finite_differences(string device, int rows, int columns)
    {
        var shape = new Shape(rows, columns);
        float[] x = TestValues.Uniform(shape.Count, 60, -4, 4);
        int[] labels = TestValues.Labels(rows, columns, 61);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(shape, x), p = backend.Unwritten(shape), softmax = backend.Unwritten(shape), losses = backend.Unwritten(new Shape(rows)), dx = backend.Unwritten(shape);
        using Tensor<int> tl = backend.Index(new Shape(rows), labels);
        backend.Softmax(tx, softmax);
        Expect.Close(ReferenceLoss.Softmax(x.ToDouble(), columns), softmax.ToArray(), 1e-6, 0);
        foreach (float smoothing in new[] { 0, 0.1f })
        {
            backend.CrossEntropyForward(tx, tl, p, losses, smoothing);
            backend.CrossEntropyBackward(p, tl, dx, smoothing, 0.25f);
            Assert.Equal(softmax.ToArray(), p.ToArray());
            Expect.Close(ReferenceLoss.CrossEntropy(x.ToDouble(), columns, labels, smoothing), losses.ToArray(), 1e-6);
            var weights = new double[rows];
            Array.Fill(weights, 0.25);
            // The losses sum over rows, so that a difference of one logit costs one row only where the row is long.
            double[] gradient = columns > 200
                ? SoftmaxGradient(x, columns, labels, smoothing, 0.25)
                : FiniteDifferences.Gradient(v => ReferenceLoss.CrossEntropy(v, columns, labels, smoothing), x.ToDouble(), weights);
            Expect.Close(gradient, dx.ToArray(), 1e-6, 0.1);
            backend.CrossEntropyBackward(p, tl, p, smoothing, 0.25f);
            Assert.Equal(dx.ToArray(), p.ToArray());
        }
    }

    private static double[] SoftmaxGradient(float[] x, int columns, int[] labels, double smoothing, double scale)
    {
        double[] p = ReferenceLoss.Softmax(x.ToDouble(), columns);
        for (int i = 0; i < p.Length; i++)
        {
            int label = labels[i / columns];
            p[i] = label < 0 ? 0 : scale * (p[i] - smoothing / columns - (i % columns == label ? 1 - smoothing : 0));
        }
        return p;
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Cross_entropy_stays_finite_for_extreme_logits(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        var shape = new Shape(3, 20);
        var x = new float[60];
        x[0] = 1e30f;
        x[20] = 500;
        x[40] = -1e38f;
        using Tensor tx = backend.Tensor(shape, x), p = backend.Unwritten(shape), losses = backend.Unwritten(new Shape(3));
        using Tensor<int> labels = backend.Index(new Shape(3), [1, 7, 0]);
        backend.CrossEntropyForward(tx, labels, p, losses, 0);
        float[] result = losses.ToArray();
        Assert.Equal(1e30f, result[0]);
        Assert.Equal(500f, result[1]);
        Assert.Equal(1e38f, result[2]);
        Assert.All(p.ToArray(), value => Assert.InRange(value, 0, 1));
        tx.Upload([.. Enumerable.Repeat(float.NaN, 60)]);
        backend.CrossEntropyForward(tx, labels, p, losses, 0);
        Assert.All(losses.ToArray(), value => Assert.True(float.IsNaN(value)));
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Smooth_l1_matches_the_reference_and_finite_differences(string device)
    {
        var shape = new Shape(6, 8);
        float[] x = TestValues.Distinct(48, 64), targets = TestValues.Distinct(48, 65), weights = TestValues.Uniform(48, 66, 0, 2);
        for (int i = 0; i < 48; i++) targets[i] *= 2;
        const float beta = 0.3f;
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(shape, x), tt = backend.Tensor(shape, targets), tw = backend.Tensor(shape, weights);
        using Tensor losses = backend.Unwritten(new Shape(6)), dx = backend.Unwritten(shape);
        backend.SmoothL1Forward(tx, tt, tw, losses, beta);
        backend.SmoothL1Backward(tx, tt, tw, dx, beta, 0.5f);
        double[] Reference(double[] v) => ReferenceLoss.SmoothL1(v, targets.ToDouble(), weights.ToDouble(), 8, beta);
        Expect.Close(Reference(x.ToDouble()), losses.ToArray(), 1e-6);
        Expect.Close(FiniteDifferences.Gradient(Reference, x.ToDouble(), [.. Enumerable.Repeat(0.5, 6)]), dx.ToArray(), 1e-6);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_label_outside_the_classes_makes_its_row_NaN_and_no_other(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor x = backend.Tensor(new Shape(4, 2), [1, 2, 3, 4, 5, 6, 7, 8]), p = backend.Unwritten(x.Shape), losses = backend.Unwritten(new Shape(4));
        using Tensor<int> labels = backend.Index(new Shape(4), [1, 2, -2, -1]), ranks = backend.Index(new Shape(4), [9, 9, 9, 9]);
        backend.CrossEntropyForward(x, labels, p, losses, 0);
        backend.CrossEntropyBackward(p, labels, p, 0, 1);
        backend.LabelRanks(x, labels, ranks);
        Assert.Equal([false, true, true, false], losses.ToArray().Select(float.IsNaN));
        Assert.Equal([false, false, true, true, true, true, false, false], p.ToArray().Select(float.IsNaN));
        Assert.Equal([0, 0], p.ToArray()[6..]);
        Assert.Equal([0, 2, 2, -1], ranks.ToArray());
    }
}
