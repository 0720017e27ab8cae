using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// One or four neighbouring floats that a thread works on together. Kernels over channels are written once for any width:
/// four where channels and views allow 16-byte accesses, one otherwise. Each lane computes what one thread would.
/// </summary>
internal interface IPack<TSelf>
    where TSelf : unmanaged, IPack<TSelf>
{
    static abstract int Width { get; }

    static abstract TSelf All(float value);

    /// <summary>The elements of a view from one that is a multiple of the width.</summary>
    static abstract TSelf Load(ArrayView<float> view, int at);

    void Store(ArrayView<float> view, int at);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator *(float a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    static abstract TSelf Root(TSelf x);

    static abstract TSelf Power(TSelf x, float y);

    static abstract TSelf Activate(int kind, float slope, TSelf x);

    static abstract TSelf ActivationGradient(int kind, float slope, TSelf y, TSelf dy);

    /// <summary>a where x is positive, b elsewhere.</summary>
    static abstract TSelf WherePositive(TSelf x, TSelf a, TSelf b);

    /// <summary>The elements whose place is the one given; 0 for the others.</summary>
    static abstract TSelf LoadWhere(ArrayView<float> view, ArrayView<int> places, int at, int place);
}

/// <summary>A single float.</summary>
internal struct One : IPack<One>
{
    public float X;

    public static int Width => 1;

    public One(float x) => X = x;

    public static One All(float value) => new(value);

    public static One Load(ArrayView<float> view, int at) => new(view[at]);

    public void Store(ArrayView<float> view, int at) => view[at] = X;

    public static One operator +(One a, One b) => new(a.X + b.X);

    public static One operator -(One a, One b) => new(a.X - b.X);

    public static One operator *(One a, One b) => new(a.X * b.X);

    public static One operator *(float a, One b) => new(a * b.X);

    public static One operator /(One a, One b) => new(a.X / b.X);

    public static One Root(One x) => new(MathF.Sqrt(x.X));

    public static One Power(One x, float y) => new(DeviceMath.Power(x.X, y));

    public static One Activate(int kind, float slope, One x) => new(ActivationFunction.Apply(kind, slope, x.X));

    public static One ActivationGradient(int kind, float slope, One y, One dy) => new(ActivationFunction.Gradient(kind, slope, y.X, dy.X));

    public static One WherePositive(One x, One a, One b) => new(x.X > 0 ? a.X : b.X);

    public static One LoadWhere(ArrayView<float> view, ArrayView<int> places, int at, int place) => new(places[at] == place ? view[at] : 0);
}

/// <summary>Four floats in one 16-byte access.</summary>
internal struct Four : IPack<Four>
{
    public Float4 V;

    public static int Width => 4;

    public Four(float x, float y, float z, float w) => V = new Float4(x, y, z, w);

    public static Four All(float value) => new(value, value, value, value);

    public static Four Load(ArrayView<float> view, int at) => new() { V = view.Cast<Float4>()[at >> 2] };

    public void Store(ArrayView<float> view, int at) => view.Cast<Float4>()[at >> 2] = V;

    public static Four operator +(Four a, Four b) => new(a.V.X + b.V.X, a.V.Y + b.V.Y, a.V.Z + b.V.Z, a.V.W + b.V.W);

    public static Four operator -(Four a, Four b) => new(a.V.X - b.V.X, a.V.Y - b.V.Y, a.V.Z - b.V.Z, a.V.W - b.V.W);

    public static Four operator *(Four a, Four b) => new(a.V.X * b.V.X, a.V.Y * b.V.Y, a.V.Z * b.V.Z, a.V.W * b.V.W);

    public static Four operator *(float a, Four b) => new(a * b.V.X, a * b.V.Y, a * b.V.Z, a * b.V.W);

    public static Four operator /(Four a, Four b) => new(a.V.X / b.V.X, a.V.Y / b.V.Y, a.V.Z / b.V.Z, a.V.W / b.V.W);

    public static Four Root(Four x) => new(MathF.Sqrt(x.V.X), MathF.Sqrt(x.V.Y), MathF.Sqrt(x.V.Z), MathF.Sqrt(x.V.W));

    public static Four Power(Four x, float y) =>
        new(DeviceMath.Power(x.V.X, y), DeviceMath.Power(x.V.Y, y), DeviceMath.Power(x.V.Z, y), DeviceMath.Power(x.V.W, y));

    public static Four Activate(int kind, float slope, Four x) => new(
        ActivationFunction.Apply(kind, slope, x.V.X), ActivationFunction.Apply(kind, slope, x.V.Y),
        ActivationFunction.Apply(kind, slope, x.V.Z), ActivationFunction.Apply(kind, slope, x.V.W));

    public static Four ActivationGradient(int kind, float slope, Four y, Four dy) => new(
        ActivationFunction.Gradient(kind, slope, y.V.X, dy.V.X), ActivationFunction.Gradient(kind, slope, y.V.Y, dy.V.Y),
        ActivationFunction.Gradient(kind, slope, y.V.Z, dy.V.Z), ActivationFunction.Gradient(kind, slope, y.V.W, dy.V.W));

    public static Four WherePositive(Four x, Four a, Four b) => new(
        x.V.X > 0 ? a.V.X : b.V.X, x.V.Y > 0 ? a.V.Y : b.V.Y, x.V.Z > 0 ? a.V.Z : b.V.Z, x.V.W > 0 ? a.V.W : b.V.W);

    public static Four LoadWhere(ArrayView<float> view, ArrayView<int> places, int at, int place)
    {
        Int4 p = places.Cast<Int4>()[at >> 2];
        Float4 v = view.Cast<Float4>()[at >> 2];
        return new Four(p.X == place ? v.X : 0, p.Y == place ? v.Y : 0, p.Z == place ? v.Z : 0, p.W == place ? v.W : 0);
    }
}

/// <summary>Four indices that are loaded and stored as one 16-byte access.</summary>
internal struct Int4
{
    public int X, Y, Z, W;
}

/// <summary>The largest value so far and its place, for each float of a pack. A NaN wins and stays; among equals the first does.</summary>
internal interface IWinners<TSelf>
    where TSelf : struct, IWinners<TSelf>
{
    static abstract int Width { get; }

    /// <summary>−∞ at a place.</summary>
    static abstract TSelf Start(int place);

    /// <summary>Lets the elements of a view compete.</summary>
    TSelf Take(ArrayView<float> view, int at, int place);

    void Store(ArrayView<float> values, ArrayView<int> places, int keepPlaces, int at);

    /// <summary>Stores value and place of each float on its own, with no alignment asked for.</summary>
    void Spread(ArrayView<float> values, ArrayView<int> places, int at);
}

/// <summary>The winner of a <see cref="One"/>.</summary>
internal struct Winner : IWinners<Winner>
{
    public float Best;
    public int Place;

    public static int Width => 1;

    public static Winner Start(int place) => new() { Best = float.NegativeInfinity, Place = place };

    public Winner Take(ArrayView<float> view, int at, int place) => Take(view[at], place);

    public Winner Take(float value, int place)
    {
        // Without branches; and not !(value <= Best), as ILGPU's OpenCL takes that for value > Best.
        bool wins = (value > Best | float.IsNaN(value)) & !float.IsNaN(Best);
        return new Winner { Best = wins ? value : Best, Place = wins ? place : Place };
    }

    public void Spread(ArrayView<float> values, ArrayView<int> places, int at)
    {
        values[at] = Best;
        places[at] = Place;
    }

    public void Store(ArrayView<float> values, ArrayView<int> places, int keepPlaces, int at)
    {
        values[at] = Best;
        if (keepPlaces != 0) places[at] = Place;
    }
}

/// <summary>The winners of a <see cref="Four"/>.</summary>
internal struct Winners4 : IWinners<Winners4>
{
    public Winner X, Y, Z, W;

    public static int Width => 4;

    public static Winners4 Start(int place) => new() { X = Winner.Start(place), Y = Winner.Start(place), Z = Winner.Start(place), W = Winner.Start(place) };

    public Winners4 Take(ArrayView<float> view, int at, int place)
    {
        Float4 v = view.Cast<Float4>()[at >> 2];
        return new Winners4 { X = X.Take(v.X, place), Y = Y.Take(v.Y, place), Z = Z.Take(v.Z, place), W = W.Take(v.W, place) };
    }

    public void Spread(ArrayView<float> values, ArrayView<int> places, int at)
    {
        X.Spread(values, places, at);
        Y.Spread(values, places, at + 1);
        Z.Spread(values, places, at + 2);
        W.Spread(values, places, at + 3);
    }

    public void Store(ArrayView<float> values, ArrayView<int> places, int keepPlaces, int at)
    {
        values.Cast<Float4>()[at >> 2] = new Float4(X.Best, Y.Best, Z.Best, W.Best);
        if (keepPlaces != 0) places.Cast<Int4>()[at >> 2] = new Int4 { X = X.Place, Y = Y.Place, Z = Z.Place, W = W.Place };
    }
}
