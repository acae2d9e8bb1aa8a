using System.Numerics;
using System.Runtime.Intrinsics;
using FedValue.Kernels.Tiles;

namespace FedValue.Kernels;

/// <summary>
/// Several doubles that are computed with side by side; a lane has the bits of the same operation on one double. Selecting takes the place
/// of branches: a condition is a lane of all ones or all zeros.
/// </summary>
interface ILanes<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>, ISubtractionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>, IDivisionOperators<TSelf, TSelf, TSelf>,
    IBitwiseOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf All(double value);

    static abstract TSelf Load(ref double from, int at);

    /// <summary>Floats as doubles, which is exact.</summary>
    static abstract TSelf Load(ref float from, int at);

    void Store(ref double to, int at);

    /// <summary>Whether |x| &lt; bound in every lane; NaN is not.</summary>
    static abstract bool AllWithin(TSelf x, double bound);

    /// <summary>Whether low &lt;= x &lt; high in every lane, for bounds above 0; NaN is not.</summary>
    static abstract bool AllBetween(double low, TSelf x, double high);

    static abstract TSelf Less(TSelf left, TSelf right);

    static abstract TSelf Equal(TSelf left, TSelf right);

    static abstract TSelf Select(TSelf condition, TSelf then, TSelf otherwise);

    /// <summary>A number added to the bits, taken as integers.</summary>
    TSelf PlusBits(long number);

    /// <summary>The bits, taken as integers, with those of another added.</summary>
    TSelf PlusBits(TSelf other);

    /// <summary>The bits, taken as integers, less those of another.</summary>
    TSelf MinusBits(TSelf other);

    TSelf ShiftedLeft(int places);

    TSelf ShiftedRight(int places);
}

/// <summary>Doubles that hold half as many numbers as a vector of floats.</summary>
interface IHalf<TSelf, TSingles> where TSelf : struct, IHalf<TSelf, TSingles> where TSingles : struct, ISingles<TSingles>
{
    /// <summary>The first half as doubles, which is exact.</summary>
    static abstract TSelf Low(TSingles singles);

    /// <summary>The second half.</summary>
    static abstract TSelf High(TSingles singles);
}

/// <summary>Eight lanes of AVX-512.</summary>
readonly struct EightLanes(Vector512<double> value) : ILanes<EightLanes>, IHalf<EightLanes, SixteenSingles>
{
    readonly Vector512<double> _value = value;

    public static int Count => 8;
    public static EightLanes All(double value) => new(Vector512.Create(value));
    public static EightLanes Load(ref double from, int at) => new(Vector512.LoadUnsafe(ref from, (nuint)at));
    public static EightLanes Load(ref float from, int at) =>
        new(Vector512.WidenLower(Vector256.LoadUnsafe(ref from, (nuint)at).ToVector512Unsafe()));
    public void Store(ref double to, int at) => _value.StoreUnsafe(ref to, (nuint)at);
    public static EightLanes operator +(EightLanes left, EightLanes right) => new(left._value + right._value);
    public static EightLanes operator -(EightLanes left, EightLanes right) => new(left._value - right._value);
    public static EightLanes operator *(EightLanes left, EightLanes right) => new(left._value * right._value);
    public static EightLanes operator /(EightLanes left, EightLanes right) => new(left._value / right._value);
    public static EightLanes operator &(EightLanes left, EightLanes right) => new(left._value & right._value);
    public static EightLanes operator |(EightLanes left, EightLanes right) => new(left._value | right._value);
    public static EightLanes operator ^(EightLanes left, EightLanes right) => new(left._value ^ right._value);
    public static EightLanes operator ~(EightLanes value) => new(~value._value);
    public static bool AllWithin(EightLanes x, double bound) => Vector512.LessThanAll(Vector512.Abs(x._value), Vector512.Create(bound));
    public static bool AllBetween(double low, EightLanes x, double high) =>
        Vector512.LessThanAll(x.MinusBits(All(low))._value.AsUInt64(), All(high).MinusBits(All(low))._value.AsUInt64());
    public static EightLanes Low(SixteenSingles singles) => new(Vector512.WidenLower(singles.Vector));
    public static EightLanes High(SixteenSingles singles) => new(Vector512.WidenUpper(singles.Vector));
    public static EightLanes Less(EightLanes left, EightLanes right) => new(Vector512.LessThan(left._value, right._value));
    public static EightLanes Equal(EightLanes left, EightLanes right) => new(Vector512.Equals(left._value, right._value));
    public static EightLanes Select(EightLanes condition, EightLanes then, EightLanes otherwise) =>
        new(Vector512.ConditionalSelect(condition._value, then._value, otherwise._value));
    public EightLanes PlusBits(long number) => new((_value.AsInt64() + Vector512.Create(number)).AsDouble());
    public EightLanes PlusBits(EightLanes other) => new((_value.AsInt64() + other._value.AsInt64()).AsDouble());
    public EightLanes MinusBits(EightLanes other) => new((_value.AsInt64() - other._value.AsInt64()).AsDouble());
    public EightLanes ShiftedLeft(int places) => new(Vector512.ShiftLeft(_value.AsInt64(), places).AsDouble());
    public EightLanes ShiftedRight(int places) => new(Vector512.ShiftRightLogical(_value.AsInt64(), places).AsDouble());
}

/// <summary>Four lanes of AVX2.</summary>
readonly struct FourLanes(Vector256<double> value) : ILanes<FourLanes>, IHalf<FourLanes, EightSingles>
{
    readonly Vector256<double> _value = value;

    public static int Count => 4;
    public static FourLanes All(double value) => new(Vector256.Create(value));
    public static FourLanes Load(ref double from, int at) => new(Vector256.LoadUnsafe(ref from, (nuint)at));
    public static FourLanes Load(ref float from, int at) =>
        new(Vector256.WidenLower(Vector128.LoadUnsafe(ref from, (nuint)at).ToVector256Unsafe()));
    public void Store(ref double to, int at) => _value.StoreUnsafe(ref to, (nuint)at);
    public static FourLanes operator +(FourLanes left, FourLanes right) => new(left._value + right._value);
    public static FourLanes operator -(FourLanes left, FourLanes right) => new(left._value - right._value);
    public static FourLanes operator *(FourLanes left, FourLanes right) => new(left._value * right._value);
    public static FourLanes operator /(FourLanes left, FourLanes right) => new(left._value / right._value);
    public static FourLanes operator &(FourLanes left, FourLanes right) => new(left._value & right._value);
    public static FourLanes operator |(FourLanes left, FourLanes right) => new(left._value | right._value);
    public static FourLanes operator ^(FourLanes left, FourLanes right) => new(left._value ^ right._value);
    public static FourLanes operator ~(FourLanes value) => new(~value._value);
    public static bool AllWithin(FourLanes x, double bound) => Vector256.LessThanAll(Vector256.Abs(x._value), Vector256.Create(bound));
    public static bool AllBetween(double low, FourLanes x, double high) =>
        Vector256.LessThanAll(x.MinusBits(All(low))._value.AsUInt64(), All(high).MinusBits(All(low))._value.AsUInt64());
    public static FourLanes Low(EightSingles singles) => new(Vector256.WidenLower(singles.Vector));
    public static FourLanes High(EightSingles singles) => new(Vector256.WidenUpper(singles.Vector));
    public static FourLanes Less(FourLanes left, FourLanes right) => new(Vector256.LessThan(left._value, right._value));
    public static FourLanes Equal(FourLanes left, FourLanes right) => new(Vector256.Equals(left._value, right._value));
    public static FourLanes Select(FourLanes condition, FourLanes then, FourLanes otherwise) =>
        new(Vector256.ConditionalSelect(condition._value, then._value, otherwise._value));
    public FourLanes PlusBits(long number) => new((_value.AsInt64() + Vector256.Create(number)).AsDouble());
    public FourLanes PlusBits(FourLanes other) => new((_value.AsInt64() + other._value.AsInt64()).AsDouble());
    public FourLanes MinusBits(FourLanes other) => new((_value.AsInt64() - other._value.AsInt64()).AsDouble());
    public FourLanes ShiftedLeft(int places) => new(Vector256.ShiftLeft(_value.AsInt64(), places).AsDouble());
    public FourLanes ShiftedRight(int places) => new(Vector256.ShiftRightLogical(_value.AsInt64(), places).AsDouble());
}

/// <summary>Two lanes of 128 bits.</summary>
readonly struct TwoLanes(Vector128<double> value) : ILanes<TwoLanes>, IHalf<TwoLanes, FourSingles>
{
    readonly Vector128<double> _value = value;

    public static int Count => 2;
    public static TwoLanes All(double value) => new(Vector128.Create(value));
    public static TwoLanes Load(ref double from, int at) => new(Vector128.LoadUnsafe(ref from, (nuint)at));
    public static TwoLanes Load(ref float from, int at) =>
        new(Vector128.WidenLower(Vector64.LoadUnsafe(ref from, (nuint)at).ToVector128Unsafe()));
    public void Store(ref double to, int at) => _value.StoreUnsafe(ref to, (nuint)at);
    public static TwoLanes operator +(TwoLanes left, TwoLanes right) => new(left._value + right._value);
    public static TwoLanes operator -(TwoLanes left, TwoLanes right) => new(left._value - right._value);
    public static TwoLanes operator *(TwoLanes left, TwoLanes right) => new(left._value * right._value);
    public static TwoLanes operator /(TwoLanes left, TwoLanes right) => new(left._value / right._value);
    public static TwoLanes operator &(TwoLanes left, TwoLanes right) => new(left._value & right._value);
    public static TwoLanes operator |(TwoLanes left, TwoLanes right) => new(left._value | right._value);
    public static TwoLanes operator ^(TwoLanes left, TwoLanes right) => new(left._value ^ right._value);
    public static TwoLanes operator ~(TwoLanes value) => new(~value._value);
    public static bool AllWithin(TwoLanes x, double bound) => Vector128.LessThanAll(Vector128.Abs(x._value), Vector128.Create(bound));
    public static bool AllBetween(double low, TwoLanes x, double high) =>
        Vector128.LessThanAll(x.MinusBits(All(low))._value.AsUInt64(), All(high).MinusBits(All(low))._value.AsUInt64());
    public static TwoLanes Low(FourSingles singles) => new(Vector128.WidenLower(singles.Vector));
    public static TwoLanes High(FourSingles singles) => new(Vector128.WidenUpper(singles.Vector));
    public static TwoLanes Less(TwoLanes left, TwoLanes right) => new(Vector128.LessThan(left._value, right._value));
    public static TwoLanes Equal(TwoLanes left, TwoLanes right) => new(Vector128.Equals(left._value, right._value));
    public static TwoLanes Select(TwoLanes condition, TwoLanes then, TwoLanes otherwise) =>
        new(Vector128.ConditionalSelect(condition._value, then._value, otherwise._value));
    public TwoLanes PlusBits(long number) => new((_value.AsInt64() + Vector128.Create(number)).AsDouble());
    public TwoLanes PlusBits(TwoLanes other) => new((_value.AsInt64() + other._value.AsInt64()).AsDouble());
    public TwoLanes MinusBits(TwoLanes other) => new((_value.AsInt64() - other._value.AsInt64()).AsDouble());
    public TwoLanes ShiftedLeft(int places) => new(Vector128.ShiftLeft(_value.AsInt64(), places).AsDouble());
    public TwoLanes ShiftedRight(int places) => new(Vector128.ShiftRightLogical(_value.AsInt64(), places).AsDouble());
}
