namespace IlgpuSpp.Engine;

// Random fills and dropout, from Philox: the same numbers on every backend.
public abstract partial class Backend
{
    /// <summary>y[i] = low + (high − low)·u with u = <see cref="Philox.ToUniform"/> of word i.</summary>
    public void FillUniform(Tensor y, float low, float high, RandomKey key)
    {
        RunFillUniform(y, low, high, key);
        Written(y);
    }

    /// <summary>y = mean + deviation·z, z standard normal: elements 2j and 2j + 1 are Box and Muller's pair of words 2j and 2j + 1
    /// (radius from the first as √(−2·ln(1 − u)), cosine for the even, sine for the odd element).</summary>
    public void FillNormal(Tensor y, float mean, float deviation, RandomKey key)
    {
        RunFillNormal(y, mean, deviation, key);
        Written(y);
    }

    /// <summary>
    /// Inverted dropout: y[i] = x[i]/(1 − rate) where the uniform number of word i is at least the rate, 0 elsewhere.
    /// Rate in [0, 1). In place allowed. The mask is not stored: the backward pass draws it again.
    /// </summary>
    public void DropoutForward(Tensor x, Tensor y, float rate, RandomKey key)
    {
        OpChecks.Rate(nameof(DropoutForward), rate);
        OpChecks.Elements(nameof(DropoutForward), y, x);
        RunDropoutForward(x, y, rate, key);
        Written(y);
    }

    /// <summary>dx[i] = dy[i]/(1 − rate) under the same mask. In place allowed.</summary>
    public void DropoutBackward(Tensor dy, Tensor dx, float rate, RandomKey key)
    {
        OpChecks.Rate(nameof(DropoutBackward), rate);
        OpChecks.Elements(nameof(DropoutBackward), dx, dy);
        RunDropoutBackward(dy, dx, rate, key);
        Written(dx);
    }
}
