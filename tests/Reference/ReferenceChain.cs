using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>
/// The layers of the paper's networks on one image, forward and backward, as plain loops in double precision. Maps are [h, w, c]. Each call runs a layer on the output of the
/// one before and remembers what its gradient needs.
/// </summary>
public sealed class ReferenceChain(double[] input, Shape shape)
{
    private readonly List<Func<double[], double[]>> _backward = [];

    /// <summary>What the last layer gives.</summary>
    public double[] Output { get; private set; } = input;

    /// <summary>Its shape.</summary>
    public Shape Shape { get; private set; } = shape;

    /// <summary>Gradients of the parameters in the order of the layers, weights before biases; filled by <see cref="Backward"/>.</summary>
    public List<double[]> Gradients { get; } = [];

    /// <summary>Brings a gradient by the output back through all layers.</summary>
    public void Backward(double[] gradient)
    {
        for (int i = _backward.Count - 1; i >= 0; i--) gradient = _backward[i](gradient);
    }

    /// <summary>Convolution, weights [k, k, in, out].</summary>
    public void Conv(float[] w, float[] bias, int kernel, int stride, int pad)
    {
        double[] x = Output;
        int h = Shape.Height, width = Shape.Width, inputs = Shape.Channels, outputs = bias.Length;
        int oh = (h + 2 * pad - kernel) / stride + 1, ow = (width + 2 * pad - kernel) / stride + 1;
        var y = new double[oh * ow * outputs];
        for (int i = 0; i < y.Length; i++) y[i] = bias[i % outputs];
        Products((at, from, to) =>
        {
            double value = x[at];
            for (int o = 0; o < outputs; o++) y[to + o] += value * w[from + o];
        });
        double[] dw = new double[w.Length], db = new double[outputs];
        Gradients.AddRange([dw, db]);
        Push(y, new Shape(1, oh, ow, outputs), dy =>
        {
            var dx = new double[x.Length];
            for (int i = 0; i < dy.Length; i++) db[i % outputs] += dy[i];
            Products((at, from, to) =>
            {
                double sum = 0, value = x[at];
                for (int o = 0; o < outputs; o++)
                {
                    sum += dy[to + o] * w[from + o];
                    dw[from + o] += dy[to + o] * value;
                }
                dx[at] += sum;
            });
            return dx;
        });

        void Products(Action<int, int, int> product)
        {
            for (int oy = 0; oy < oh; oy++)
                for (int ox = 0; ox < ow; ox++)
                    for (int ky = 0; ky < kernel; ky++)
                        for (int kx = 0; kx < kernel; kx++)
                        {
                            int iy = oy * stride - pad + ky, ix = ox * stride - pad + kx;
                            if (iy < 0 || iy >= h || ix < 0 || ix >= width) continue;
                            for (int c = 0; c < inputs; c++) product((iy * width + ix) * inputs + c, ((ky * kernel + kx) * inputs + c) * outputs, (oy * ow + ox) * outputs);
                        }
        }
    }

    /// <summary>max(0, x).</summary>
    public void Relu()
    {
        double[] x = Output;
        Push([.. x.Select(value => Math.Max(0, value))], Shape, dy => [.. dy.Select((value, i) => x[i] > 0 ? value : 0)]);
    }

    /// <summary>Local response normalisation: dx = dy·s^−β − 2αβ/N·x·Σ dy·y/s over the windows that hold x.</summary>
    public void Lrn(LrnGeometry g)
    {
        double[] x = Output;
        Shape map = Shape;
        (double[] y, double[] scale) = ReferenceNorm.Lrn(x, map, g);
        double count = g.Region == LrnRegion.WithinChannel ? g.Size * g.Size : g.Size;
        Push(y, map, dy =>
        {
            double[] ratio = [.. dy.Select((value, i) => value * y[i] / scale[i])], dx = new double[x.Length];
            // Windows are symmetric: those that hold an element are centred at the elements of its own window.
            for (int i = 0; i < dx.Length; i++)
            {
                double sum = 0;
                foreach (int j in Window(i)) sum += ratio[j];
                dx[i] = dy[i] * Math.Pow(scale[i], -(double)g.Beta) - 2.0 * g.Alpha * g.Beta / count * x[i] * sum;
            }
            return dx;
        });

        IEnumerable<int> Window(int i)
        {
            int half = g.Size / 2, c = i % map.Channels, q = i / map.Channels % map.Width, r = i / map.Channels / map.Width;
            if (g.Region == LrnRegion.AcrossChannels)
            {
                for (int k = Math.Max(0, c - half); k <= Math.Min(map.Channels - 1, c + half); k++) yield return i - c + k;
                yield break;
            }
            for (int a = Math.Max(0, r - half); a <= Math.Min(map.Height - 1, r + half); a++)
                for (int b = Math.Max(0, q - half); b <= Math.Min(map.Width - 1, q + half); b++) yield return (a * map.Width + b) * map.Channels + c;
        }
    }

    /// <summary>Max pooling.</summary>
    public void MaxPool(PoolGeometry g)
    {
        int length = Output.Length, channels = Shape.Channels;
        (double[] y, int[] places) = ReferencePool.Max(Output, Shape, g);
        Push(y, ShapeRules.Pool(Shape, g), dy => Scatter(dy, places, length, channels, i => i % channels));
    }

    /// <summary>Pyramid pooling: level, channel, row, column.</summary>
    public void PyramidPool(Pyramid pyramid)
    {
        int length = Output.Length, channels = Shape.Channels;
        (double[] y, int[] places) = ReferencePyramid.Pool(Output, Shape, pyramid);
        int[] channelOf = [.. pyramid.Levels.ToArray().SelectMany(level => Enumerable.Range(0, channels).SelectMany(c => Enumerable.Repeat(c, level * level)))];
        Push(y, new Shape(1, y.Length), dy => Scatter(dy, places, length, channels, i => channelOf[i]));
    }

    /// <summary>A fully connected layer, weights [out, in].</summary>
    public void Linear(float[] w, float[] bias)
    {
        double[] x = Output, y = [.. bias.Select((value, o) => value + x.Select((v, i) => v * w[o * x.Length + i]).Sum())];
        double[] dw = new double[w.Length], db = new double[bias.Length];
        Gradients.AddRange([dw, db]);
        Push(y, new Shape(1, bias.Length), dy =>
        {
            var dx = new double[x.Length];
            for (int o = 0; o < dy.Length; o++)
            {
                db[o] = dy[o];
                for (int i = 0; i < x.Length; i++)
                {
                    dw[o * x.Length + i] = dy[o] * x[i];
                    dx[i] += dy[o] * w[o * x.Length + i];
                }
            }
            return dx;
        });
    }

    private static double[] Scatter(double[] dy, int[] places, int length, int channels, Func<int, int> channelOf)
    {
        var dx = new double[length];
        for (int i = 0; i < dy.Length; i++) dx[places[i] * channels + channelOf(i)] += dy[i];
        return dx;
    }

    private void Push(double[] output, Shape shape, Func<double[], double[]> backward)
    {
        (Output, Shape) = (output, shape);
        _backward.Add(backward);
    }
}
