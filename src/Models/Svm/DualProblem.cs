using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IlgpuSpp.Models;

/// <summary>
/// The dual of one support vector machine: min ½αᵀ(Q + D)α − Σα with 0 ≤ α ≤ U, where Q is y·y·x·x; the hinge has D = 0 and U = C,
/// the squared hinge D = 1/(2C) and no upper bound. The weights w = Σ y·α·x are kept beside α, in double precision.
/// </summary>
internal sealed class DualProblem
{
    private readonly float[][] _examples;
    private readonly double[] _norms, _alpha, _weights;
    private readonly bool[] _positive;
    private readonly LinearSvmOptions _options;
    private double _biasWeight;

    public DualProblem(float[][] examples, double[] norms, bool[] positive, LinearSvmOptions options)
    {
        _examples = examples;
        _positive = positive;
        _options = options;
        _alpha = new double[examples.Length];
        _weights = new double[examples[0].Length];
        _norms = [.. norms.Select((norm, row) => norm + options.BiasFeature * options.BiasFeature + Diagonal(row))];
    }

    public LinearClassifier Solve(CancellationToken cancellation)
    {
        int count = _examples.Length, active = count, pass = 0;
        int[] order = [.. Enumerable.Range(0, count)];
        var random = new RandomStream(new RandomKey(_options.Seed, 0x5356_4d00, 0));
        double tolerance = 0.1;
        double largestBefore = double.PositiveInfinity, smallestBefore = double.NegativeInfinity;
        while (pass < _options.MaximumPasses)
        {
            cancellation.ThrowIfCancellationRequested();
            pass++;
            for (int i = active - 1; i > 0; i--)
            {
                int other = random.NextInt(i + 1);
                (order[i], order[other]) = (order[other], order[i]);
            }
            double largest = double.NegativeInfinity, smallest = double.PositiveInfinity;
            for (int i = 0; i < active; i++)
            {
                int row = order[i];
                double sign = _positive[row] ? 1 : -1, upper = Upper(row), gradient = sign * Score(row) - 1 + Diagonal(row) * _alpha[row];
                // An example that the last pass's gradients put far inside a bound is left out until the others are solved.
                if ((_alpha[row] == 0 && gradient > largestBefore) || (_alpha[row] >= upper && gradient < smallestBefore))
                {
                    active--;
                    (order[i], order[active]) = (order[active], order[i]);
                    i--;
                    continue;
                }
                double projected = _alpha[row] == 0 ? Math.Min(gradient, 0) : _alpha[row] >= upper ? Math.Max(gradient, 0) : gradient;
                largest = Math.Max(largest, projected);
                smallest = Math.Min(smallest, projected);
                if (Math.Abs(projected) < 1e-12 || _norms[row] <= 0) continue;
                double before = _alpha[row];
                _alpha[row] = Math.Clamp(before - gradient / _norms[row], 0, upper);
                Move(row, (_alpha[row] - before) * sign);
            }
            if (largest - smallest <= tolerance)
            {
                if (active == count)
                {
                    double objective = Objective();
                    if (objective - DualObjective() <= _options.RelativeGap * objective) break;
                    tolerance = Math.Max(tolerance / 4, 1e-12);
                }
                active = count;
                (largestBefore, smallestBefore) = (double.PositiveInfinity, double.NegativeInfinity);
                continue;
            }
            largestBefore = largest > 0 ? largest : double.PositiveInfinity;
            smallestBefore = smallest < 0 ? smallest : double.NegativeInfinity;
        }
        return new LinearClassifier([.. _weights.Select(w => (float)w)], (float)(_biasWeight * _options.BiasFeature), pass, Objective());
    }

    private double CostOf(int row) => _options.Cost * (_positive[row] ? _options.PositiveWeight : _options.NegativeWeight);

    private double Upper(int row) => _options.Loss == SvmLoss.Hinge ? CostOf(row) : double.PositiveInfinity;

    private double Diagonal(int row) => _options.Loss == SvmLoss.Hinge ? 0 : 0.5 / CostOf(row);

    private double Objective()
    {
        double sum = 0;
        for (int row = 0; row < _examples.Length; row++)
        {
            double margin = Math.Max(0, 1 - (_positive[row] ? 1 : -1) * Score(row));
            sum += CostOf(row) * (_options.Loss == SvmLoss.Hinge ? margin : margin * margin);
        }
        return sum + 0.5 * (_weights.Sum(w => w * w) + _biasWeight * _biasWeight);
    }

    // Below the objective of every w, and equal to it at the optimum.
    private double DualObjective()
    {
        double sum = -0.5 * (_weights.Sum(w => w * w) + _biasWeight * _biasWeight);
        for (int row = 0; row < _alpha.Length; row++) sum += _alpha[row] - 0.5 * Diagonal(row) * _alpha[row] * _alpha[row];
        return sum;
    }

    private double Score(int row)
    {
        ReadOnlySpan<float> x = _examples[row];
        ReadOnlySpan<double> w = _weights;
        ReadOnlySpan<Vector256<float>> xs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        ReadOnlySpan<Vector256<double>> ws = MemoryMarshal.Cast<double, Vector256<double>>(w);
        Vector256<double> low = Vector256<double>.Zero, high = Vector256<double>.Zero;
        for (int i = 0; i < xs.Length; i++)
        {
            (Vector256<double> first, Vector256<double> second) = Vector256.Widen(xs[i]);
            low += first * ws[2 * i];
            high += second * ws[2 * i + 1];
        }
        double sum = Vector256.Sum(low + high) + _biasWeight * _options.BiasFeature;
        for (int i = xs.Length * Vector256<float>.Count; i < x.Length; i++) sum += x[i] * w[i];
        return sum;
    }

    private void Move(int row, double step)
    {
        ReadOnlySpan<float> x = _examples[row];
        Span<double> w = _weights;
        ReadOnlySpan<Vector256<float>> xs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        Span<Vector256<double>> ws = MemoryMarshal.Cast<double, Vector256<double>>(w);
        var factor = Vector256.Create(step);
        for (int i = 0; i < xs.Length; i++)
        {
            (Vector256<double> first, Vector256<double> second) = Vector256.Widen(xs[i]);
            ws[2 * i] += first * factor;
            ws[2 * i + 1] += second * factor;
        }
        for (int i = xs.Length * Vector256<float>.Count; i < x.Length; i++) w[i] += x[i] * step;
        _biasWeight += step * _options.BiasFeature;
    }
}
