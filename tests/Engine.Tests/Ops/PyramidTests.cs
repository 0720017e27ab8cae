namespace IlgpuSpp.Engine.Tests;

public sealed class PyramidTests
{
    public static readonly (Shape Map, Pyramid Pyramid)[] Cases =
    [
        (new Shape(1, 1, 1, 1), new Pyramid([1, 2, 3, 6])),
        (new Shape(2, 1, 1, 19), new Pyramid([1, 2, 3, 6])),
        (new Shape(1, 2, 5, 3), new Pyramid([6, 3, 2, 1])),
        (new Shape(1, 13, 13, 2), new Pyramid([1, 2, 3, 6])),
        (new Shape(1, 13, 13, 2), new Pyramid([1, 2, 3, 6], PyramidRule.ReleasedZf5)),
        (new Shape(1, 13, 18, 2), new Pyramid([1, 2, 3, 6], PyramidRule.SlidingWindow)),
        (new Shape(2, 10, 7, 5), new Pyramid([4, 3, 2, 1])),
        (new Shape(1, 9, 11, 70), new Pyramid([3])),
        (new Shape(1, 5, 4, 130), new Pyramid([1, 5, 7])),
        (new Shape(1, 3, 70, 1), new Pyramid([64, 1])),
    ];

    public static TheoryData<string, int> Runs => TestDevices.Each(Cases.Length);

    [Theory, MemberData(nameof(Runs))]
    public void Whole_maps_match_the_definition_and_finite_differences(string device, int index)
    {
        var (map, pyramid) = Cases[index];
        using var run = new MaxPass(device, map, ShapeRules.PyramidPool(map, pyramid), seed: 5);
        run.Compute(
            (x, y, argmax) => run.Backend.PyramidForward(x, y, argmax, pyramid),
            (dy, argmax, dx) => run.Backend.PyramidBackward(dy, argmax, dx, pyramid));
        run.AssertIs(x => ReferencePyramid.Pool(x, map, pyramid), 2e-6);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Windows_match_the_definition_and_finite_differences(string device)
    {
        var pyramid = new Pyramid([1, 2, 3, 6]);
        foreach (int channels in new[] { 1, 7, 21 })
        {
            var map = new Shape(2, 8, 11, channels);
            int[] windows = TestValues.Windows(map, 40, (uint)channels);
            using var run = new MaxPass(device, map, ShapeRules.WindowPyramidPool(map, new Shape(40, 5), pyramid), seed: 7);
            using Tensor<int> tw = run.Backend.Index(new Shape(40, 5), windows);
            run.Compute(
                (x, y, argmax) => run.Backend.WindowPyramidForward(x, tw, y, argmax, pyramid),
                (dy, argmax, dx) => run.Backend.WindowPyramidBackward(dy, tw, argmax, dx, pyramid));
            var (y, places) = ReferencePyramid.PoolWindows(run.X.ToDouble(), map, windows, pyramid);
            run.AssertForward((y, places));
            float[] dy = run.Dy;
            double[] gradient = new double[run.X.Length];
            // Away from ties the max is linear, so that its gradient is exactly the scatter to the winners.
            for (int i = 0; i < dy.Length; i++)
            {
                int row = i / (pyramid.Bins * channels), inside = i % (pyramid.Bins * channels), level = 0;
                while (inside >= pyramid.Levels[level] * pyramid.Levels[level] * channels) inside -= pyramid.Levels[level] * pyramid.Levels[level++] * channels;
                int channel = inside / (pyramid.Levels[level] * pyramid.Levels[level]);
                gradient[(windows[5 * row] * 88 + places[i]) * channels + channel] += dy[i];
            }
            Expect.Close(gradient, run.Dx, 2e-6, 4);
            if (channels == 1)
                Expect.Close(FiniteDifferences.Gradient(v => ReferencePyramid.PoolWindows(v, map, windows, pyramid).Y, run.X.ToDouble(), dy.ToDouble()), run.Dx, 2e-6, 4);
        }
    }

    // With a = q·n + r a window of ⌈a/n⌉ at stride ⌊a/n⌋ has n places that cover the map, and the bins of Appendix A, where r is 0 or 1 and nowhere else.
    [Fact]
    public void The_sliding_window_has_the_bins_of_appendix_A_where_the_division_leaves_0_or_1()
    {
        for (int extent = 1; extent <= 64; extent++)
        {
            for (int level = 1; level <= 64; level++)
            {
                var bins = Enumerable.Range(0, level).Select(bin => (Start: (int)Math.Floor(bin * extent / (decimal)level), End: (int)Math.Ceiling((bin + 1) * extent / (decimal)level))).ToArray();
                Assert.Equal(bins, Enumerable.Range(0, level).Select(bin => Pyramid.BinRange(PyramidRule.Adaptive, level, bin, extent)));
                // The places of a pooling layer without padding, written down step by step.
                int window = (int)Math.Ceiling(extent / (decimal)level), stride = extent / level;
                var places = new List<(int Start, int End)>();
                for (int start = 0; stride > 0 && start + window <= extent; start += stride) places.Add((start, start + window));
                bool same = places.SequenceEqual(bins);
                Assert.Equal(extent >= level && extent % level <= 1, same);
                if (same) Assert.Equal(bins, Enumerable.Range(0, level).Select(bin => Pyramid.BinRange(PyramidRule.SlidingWindow, level, bin, extent)));
                else Assert.Throws<OptionsException>(() => Pyramid.BinRange(PyramidRule.SlidingWindow, level, 0, extent));
            }
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Ties_go_to_the_first_element_in_row_major_order(string device)
    {
        // Few distinct values: nearly every bin has a tie.
        var map = new Shape(1, 14, 11, 37);
        float[] x = TestValues.Uniform(map.Count, 9, 0, 3).Select(MathF.Floor).ToArray();
        var pyramid = new Pyramid([1, 2, 3, 4, 6]);
        Shape output = ShapeRules.PyramidPool(map, pyramid);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(map, x), ty = backend.Unwritten(output);
        using Tensor<int> argmax = backend.Allocate<int>(output);
        backend.PyramidForward(tx, ty, argmax, pyramid);
        var (y, places) = ReferencePyramid.Pool(x.ToDouble(), map, pyramid);
        Expect.Same(y, ty.ToArray());
        Assert.Equal(places, argmax.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void On_an_all_equal_map_the_first_element_of_a_bin_gets_its_whole_gradient(string device)
    {
        var map = new Shape(1, 13, 13, 18);
        var pyramid = new Pyramid([1, 2, 3, 6]);
        Shape output = ShapeRules.PyramidPool(map, pyramid);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor x = backend.Tensor(map, Enumerable.Repeat(0.25f, (int)map.Count).ToArray()), y = backend.Unwritten(output);
        using Tensor dy = backend.Tensor(output, Enumerable.Repeat(1f, (int)output.Count).ToArray()), dx = backend.Unwritten(map);
        using Tensor<int> argmax = backend.Allocate<int>(output);
        backend.PyramidForward(x, y, argmax, pyramid);
        backend.PyramidBackward(dy, argmax, dx, pyramid);
        Assert.All(y.ToArray(), value => Assert.Equal(0.25f, value));
        // Starts of the bins of the specification's table at 13: {0}, {0,6}, {0,4,8}, {0,2,4,6,8,10}.
        var expected = new float[13 * 13];
        foreach (int[] starts in new int[][] { [0], [0, 6], [0, 4, 8], [0, 2, 4, 6, 8, 10] })
            foreach (int r in starts)
                foreach (int q in starts)
                    expected[r * 13 + q]++;
        float[] gradient = dx.ToArray();
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(expected[i / 18], gradient[i]);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_reaches_every_bin_that_holds_it(string device)
    {
        var map = new Shape(1, 6, 6, 17);
        float[] x = TestValues.Uniform(map.Count, 10);
        for (int c = 0; c < 17; c += 3) x[(2 * 6 + 3) * 17 + c] = float.NaN;
        var pyramid = new Pyramid([1, 2]);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(map, x), ty = backend.Unwritten(new Shape(1, 85)), alone = backend.Unwritten(new Shape(1, 85));
        using Tensor<int> argmax = backend.Allocate<int>(ty.Shape);
        backend.PyramidForward(tx, ty, argmax, pyramid);
        backend.PyramidForward(tx, alone, null, pyramid);
        float[] y = ty.ToArray();
        int[] places = argmax.ToArray();
        Assert.Equal(y, alone.ToArray());
        for (int c = 0; c < 17; c++)
        {
            Assert.Equal(c % 3 == 0, float.IsNaN(y[c]));
            for (int bin = 0; bin < 4; bin++) Assert.Equal(c % 3 == 0 && bin == 1, float.IsNaN(y[17 + 4 * c + bin]));
            if (c % 3 == 0) Assert.Equal((15, 15), (places[c], places[17 + 4 * c + 1]));
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Pooling_a_mirrored_map_mirrors_the_bins(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        foreach (var (height, width) in new[] { (13, 13), (10, 7), (5, 17), (1, 4) })
        {
            const int channels = 6;
            var map = new Shape(1, height, width, channels);
            float[] x = TestValues.Uniform(map.Count, 11), mirrored = new float[x.Length];
            for (int r = 0; r < height; r++)
                for (int q = 0; q < width; q++)
                    Array.Copy(x, (r * width + q) * channels, mirrored, (r * width + width - 1 - q) * channels, channels);
            var pyramid = new Pyramid([1, 2, 3, 4, 6]);
            Shape output = ShapeRules.PyramidPool(map, pyramid);
            using Tensor a = backend.Tensor(map, x), b = backend.Tensor(map, mirrored), ya = backend.Unwritten(output), yb = backend.Unwritten(output);
            backend.PyramidForward(a, ya, null, pyramid);
            backend.PyramidForward(b, yb, null, pyramid);
            float[] straight = ya.ToArray(), flipped = yb.ToArray();
            int offset = 0;
            foreach (int n in pyramid.Levels)
            {
                for (int i = 0; i < channels * n; i++)
                    for (int q = 0; q < n; q++)
                        Assert.Equal(straight[offset + i * n + q], flipped[offset + i * n + n - 1 - q]);
                offset += channels * n * n;
            }
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_window_over_the_whole_map_is_the_whole_map_and_a_window_is_the_sliced_map(string device)
    {
        var map = new Shape(1, 9, 12, 20);
        float[] x = TestValues.Uniform(map.Count, 12);
        var pyramid = new Pyramid([1, 2, 3, 6]);
        const int top = 2, left = 3, height = 5, width = 7;
        var slice = new float[height * width * 20];
        for (int r = 0; r < height; r++) Array.Copy(x, ((top + r) * 12 + left) * 20, slice, r * width * 20, width * 20);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(map, x), ts = backend.Tensor(new Shape(1, height, width, 20), slice);
        using Tensor<int> windows = backend.Index(new Shape(2, 5), [0, 0, 0, 9, 12, 0, top, left, top + height, left + width]);
        var row = new Shape(1, pyramid.Bins * 20);
        using Tensor whole = backend.Unwritten(row), sliced = backend.Unwritten(row), both = backend.Unwritten(new Shape(2, pyramid.Bins * 20));
        backend.PyramidForward(tx, whole, null, pyramid);
        backend.PyramidForward(ts, sliced, null, pyramid);
        backend.WindowPyramidForward(tx, windows, both, null, pyramid);
        Assert.Equal([.. whole.ToArray(), .. sliced.ToArray()], both.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Windows_are_clamped_to_the_map(string device)
    {
        var map = new Shape(2, 4, 5, 3);
        float[] x = TestValues.Uniform(map.Count, 13);
        var pyramid = new Pyramid([1, 2]);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(map, x), y = backend.Unwritten(new Shape(4, 15));
        using Tensor<int> windows = backend.Index(new Shape(4, 5),
            [7, -3, -1, 99, 99, 1, 0, 0, 4, 5, 0, 9, 9, 2, 2, 0, 3, 4, 4, 5]);
        backend.WindowPyramidForward(tx, windows, y, null, pyramid);
        float[] result = y.ToArray();
        Assert.Equal(result[15..30], result[..15]);
        Assert.Equal(result[45..], result[30..45]);
    }
}
